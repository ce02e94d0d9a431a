//! Which threads a dump contains, and how many frames of each.

/// The maximum number of frames per stack.
///
/// ```
/// use admin_endpoints::threads::{MAX_FRAMES, Query};
///
/// assert_eq!(Query::default().max_frames, MAX_FRAMES);
/// ```
pub const MAX_FRAMES: usize = 256;

/// Selects threads and frames; the default is every thread with all frames.
///
/// ```
/// use admin_endpoints::threads::Query;
///
/// let query = Query::default().with_name("tokio").with_max_frames(20);
/// assert!(query.matches(17, "Tokio-runtime-worker"));
/// assert!(!query.matches(18, "heartbeat"));
///
/// let main_thread = Query::default().with_thread_id(17);
/// assert!(main_thread.matches(17, "worker") && !main_thread.matches(18, "worker"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// Only threads whose name contains this, in any case.
    pub name: Option<String>,
    /// Only the thread with this kernel ID.
    pub thread_id: Option<u64>,
    /// Frames per thread, at most [`MAX_FRAMES`].
    pub max_frames: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            name: None,
            thread_id: None,
            max_frames: MAX_FRAMES,
        }
    }
}

impl Query {
    /// Only threads whose name contains `name`, in any case.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only the thread with this kernel ID.
    #[must_use]
    pub fn with_thread_id(mut self, thread_id: u64) -> Self {
        self.thread_id = Some(thread_id);
        self
    }

    /// At most this many frames per thread; values outside 1 to [`MAX_FRAMES`] are clamped.
    #[must_use]
    pub fn with_max_frames(mut self, max_frames: usize) -> Self {
        self.max_frames = max_frames;
        self
    }

    /// Whether the query selects a thread.
    #[must_use]
    pub fn matches(&self, tid: u64, name: &str) -> bool {
        self.thread_id.is_none_or(|wanted| wanted == tid)
            && self.name.as_ref().is_none_or(|part| {
                part.is_empty() || name.to_lowercase().contains(&part.to_lowercase())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_part_of_the_name_in_any_case() {
        let query = Query::default().with_name("HeartB");
        assert!(query.matches(7, "engine-heartbeat"));
        assert!(!query.matches(7, "eviction"));
        assert!(Query::default().with_name("").matches(7, "any"));
    }

    #[test]
    fn requires_name_and_thread_id_to_match() {
        let query = Query::default().with_name("a").with_thread_id(7);
        assert!(query.matches(7, "a"));
        assert!(!query.matches(8, "a"));
        assert!(!query.matches(7, "b"));
    }
}
