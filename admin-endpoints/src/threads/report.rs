//! A whole dump: each selected thread with its stack, or the reason why it has none.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::info::ThreadInfo;
use crate::frames::{Frame, Truncation};

/// The result of one dump.
///
/// ```
/// use admin_endpoints::threads::{Layout, Query, capture};
///
/// let report = capture(Query::default())?;
/// let text = report.to_text(Layout::default());
/// assert!(text.starts_with("Thread: "));
/// assert!(text.ends_with(&format!("Total threads: {}", report.threads.len())));
///
/// let json: serde_json::Value = serde_json::from_slice(&report.to_json(Layout::default())?)?;
/// assert_eq!(json["total"], report.threads.len());
/// assert_eq!(json["threads"][0]["tid"], report.threads[0].info.tid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The threads in ascending order of their IDs.
    pub threads: Vec<ThreadReport>,
    /// Limitations of this dump, as sentences.
    pub notes: Vec<Cow<'static, str>>,
}

/// One thread of a [`Report`].
///
/// ```
/// use admin_endpoints::threads::{Query, capture};
///
/// let report = capture(Query::default())?;
/// let lines = report.threads.iter().map(|thread| match &thread.stack {
///     Ok(stack) => format!("{}: {} frames", thread.info.name, stack.frames.len()),
///     Err(reason) => format!("{}: no stack, {reason}", thread.info.name),
/// });
/// assert!(lines.count() >= 1);
/// # Ok::<(), admin_endpoints::threads::CaptureError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ThreadReport {
    /// What the kernel knows about the thread.
    pub info: ThreadInfo,
    /// The stack, or why there is none.
    pub stack: Result<Stack, NoStack>,
}

impl ThreadReport {
    /// A thread and its stack.
    ///
    /// ```
    /// use admin_endpoints::threads::{NoStack, ThreadInfo, ThreadReport};
    ///
    /// let thread = ThreadReport::new(ThreadInfo::new(4711, "heartbeat"), Err(NoStack::Exiting));
    /// assert!(thread.stack.is_err());
    /// ```
    #[must_use]
    pub fn new(info: ThreadInfo, stack: Result<Stack, NoStack>) -> Self {
        Self { info, stack }
    }
}

/// The stack of a thread.
///
/// ```
/// use admin_endpoints::threads::{CaptureMethod, Frame, Stack};
///
/// let frame = |name: &str| {
///     let mut frame = Frame::default();
///     frame.function = Some(name.to_owned());
///     frame.into()
/// };
/// let frames = vec![frame("epoll_wait"), frame("cache::serve")];
/// let stack = Stack::new(frames, CaptureMethod::Passive);
/// let is_cache = |name: &&String| name.starts_with("cache::");
/// let mut functions = stack.frames.iter().filter_map(|frame| frame.function.as_ref());
/// assert_eq!(functions.find(is_cache).map(String::as_str), Some("cache::serve"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stack {
    /// The frames, innermost first.
    pub frames: Vec<Arc<Frame>>,
    /// Set if the frames end before the thread's first function.
    pub truncation: Option<Truncation>,
    /// How the stack was read.
    pub method: CaptureMethod,
}

impl Stack {
    /// A complete stack.
    #[must_use]
    pub fn new(frames: Vec<Arc<Frame>>, method: CaptureMethod) -> Self {
        Self {
            frames,
            truncation: None,
            method,
        }
    }
}

/// How a stack was read.
///
/// ```
/// use admin_endpoints::threads::CaptureMethod;
///
/// assert_eq!(CaptureMethod::Passive.as_str(), "passive");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureMethod {
    /// From outside, while the thread was blocked; the thread was not disturbed.
    Passive,
    /// By a signal to the running thread, which copied its own stack.
    Signal,
}

impl CaptureMethod {
    /// The value of `method` in the JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passive => "passive",
            Self::Signal => "signal",
        }
    }
}

/// Why a thread has no stack in the report.
///
/// ```
/// use admin_endpoints::threads::NoStack;
///
/// assert_eq!(NoStack::Timeout.to_string(), "the thread did not answer SIGURG within a second");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoStack {
    /// The thread is exiting.
    Exiting,
    /// The thread is running and blocks the signal.
    SignalBlocked,
    /// The thread did not answer the signal in time.
    Timeout,
    /// The time limit of the dump was reached first.
    DeadlineExceeded,
    /// The application has installed its own handler for the signal.
    HandlerReplaced,
    /// The signal could not be sent, or the stack could not be copied.
    Failed(Cow<'static, str>),
    /// Stacks are not available on this system.
    Unsupported,
}

impl std::error::Error for NoStack {}

impl fmt::Display for NoStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exiting => f.write_str("the thread is exiting"),
            Self::SignalBlocked => f.write_str("the thread is running with SIGURG blocked"),
            Self::Timeout => f.write_str("the thread did not answer SIGURG within a second"),
            Self::DeadlineExceeded => f.write_str("the dump reached its limit of five seconds"),
            Self::HandlerReplaced => f.write_str(
                "the thread is running and the application has replaced the SIGURG handler",
            ),
            Self::Failed(reason) => f.write_str(reason),
            Self::Unsupported => {
                f.write_str("stacks are available on Linux on x86-64 and aarch64 only")
            }
        }
    }
}
