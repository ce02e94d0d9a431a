//! How a report is laid out.

/// How a report is laid out.
///
/// ```
/// use admin_endpoints::threads::Layout;
/// # use admin_endpoints::threads::{NoStack, Report, ThreadInfo, ThreadReport};
/// # let thread = |tid| ThreadReport::new(ThreadInfo::new(tid, "pool"), Err(NoStack::Timeout));
/// # let mut report = Report::default();
/// # report.threads = vec![thread(7), thread(8)];
///
/// // `report` has two threads with the same stack.
/// let separate = report.to_text(Layout::default());
/// assert_eq!(separate.matches("Thread: pool").count(), 2);
/// let grouped = report.to_text(Layout::default().with_group(true));
/// assert!(grouped.contains("1 more with the same stack: tid 8"));
///
/// // With the frames of the standard library too.
/// assert_eq!(report.to_text(Layout::default().with_full(true)), separate);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layout {
    /// Show threads with identical stacks once, with their number.
    pub group: bool,
    /// Also show the frames of the standard library and of the async runtime.
    pub full: bool,
}

impl Layout {
    /// Sets [`group`](Self::group).
    #[must_use]
    pub fn with_group(mut self, group: bool) -> Self {
        self.group = group;
        self
    }

    /// Sets [`full`](Self::full).
    #[must_use]
    pub fn with_full(mut self, full: bool) -> Self {
        self.full = full;
        self
    }
}
