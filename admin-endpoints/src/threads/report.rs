//! A whole dump: every thread that was asked for, with its stack or the reason why there is none.

use super::facts::Facts;
use super::frame::Frame;
use super::json;
use super::text::{self, Layout};
use std::borrow::Cow;
use std::sync::Arc;

/// What one capture saw.
///
/// ```
/// use admin_endpoints::threads::{Layout, Query, capture};
///
/// let report = capture(Query::default())?;
/// let text = report.text(Layout::default());
/// assert!(text.starts_with("Thread: "));
/// assert!(text.ends_with(&format!("Total threads: {}", report.threads.len())));
///
/// let json: serde_json::Value = serde_json::from_slice(&report.json(Layout::default())?)?;
/// assert_eq!(json["total"], report.threads.len());
/// assert_eq!(json["threads"][0]["tid"], report.threads[0].facts.tid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Ascending by thread id.
    pub threads: Vec<ThreadReport>,
    /// What could not be done here, in words, and what it costs.
    pub notes: Vec<Cow<'static, str>>,
}

impl Report {
    /// The text that `GET /threads` answers.
    pub fn text(&self, layout: Layout) -> String {
        text::render(self, layout)
    }

    /// The JSON that `GET /threads?format=json` answers.
    ///
    /// # Errors
    /// None that is known; serde's signature allows for them.
    pub fn json(&self, layout: Layout) -> serde_json::Result<Vec<u8>> {
        json::render(self, layout)
    }
}

/// One thread of a [`Report`].
///
/// ```
/// use admin_endpoints::threads::{Query, capture};
///
/// let report = capture(Query::default())?;
/// let lines = report.threads.iter().map(|thread| match &thread.stack {
///     Ok(stack) => format!("{}: {} frames", thread.facts.name, stack.frames.len()),
///     Err(reason) => format!("{}: no stack, {reason}", thread.facts.name),
/// });
/// assert!(lines.count() >= 1);
/// # Ok::<(), admin_endpoints::threads::CaptureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ThreadReport {
    /// What the kernel says.
    pub facts: Facts,
    /// The stack, or why there is none.
    pub stack: Result<Stack, NoStack>,
}

/// The stack of a thread.
///
/// ```
/// use admin_endpoints::threads::{Cut, Frame, Method, Stack};
///
/// let frame = |name: &str| Frame { function: Some(name.to_owned()), ..Frame::default() };
/// let stack = Stack {
///     frames: vec![frame("epoll_wait").into(), frame("cache::serve").into()],
///     cut: Some(Cut::Limit),
///     method: Method::Quiet,
/// };
/// let in_the_cache = |name: &String| name.starts_with("cache::");
/// let mut functions = stack.frames.iter().filter_map(|frame| frame.function.as_ref());
/// assert_eq!(functions.find(|name| in_the_cache(name)).map(String::as_str), Some("cache::serve"));
/// ```
#[derive(Clone, Debug)]
pub struct Stack {
    /// The innermost function first.
    pub frames: Vec<Arc<Frame>>,
    /// Why the frames end before the thread's first function, if they do.
    pub cut: Option<Cut>,
    /// How the stack was read.
    pub method: Method,
}

/// Why a stack ends early.
///
/// ```
/// use admin_endpoints::threads::Cut;
///
/// assert_eq!(Cut::NoUnwindInfo.words(), "no unwind information beyond");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// As many frames as were asked for.
    Limit,
    /// Memory beyond could not be read, or the stack is larger than what is copied.
    Unreadable,
    /// The unwind information does not say how to go on.
    NoUnwindInfo,
}

impl Cut {
    /// The words that stand in the text.
    pub fn words(self) -> &'static str {
        match self {
            Self::Limit => "more frames follow; ask for up to 256 with ?frames=N",
            Self::Unreadable => "the stack beyond was not readable",
            Self::NoUnwindInfo => "no unwind information beyond",
        }
    }
}

/// How a stack was read.
///
/// ```
/// use admin_endpoints::threads::Method;
///
/// assert_eq!(Method::Quiet.word(), "quiet");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// From outside, while the thread was blocked: it was not disturbed.
    Quiet,
    /// By a signal to the running thread, which copied its own stack.
    Signal,
}

impl Method {
    /// The word that stands in the JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
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
    /// The thread is on its way out.
    Exiting,
    /// It runs and blocks the signal that would ask it.
    SignalBlocked,
    /// It did not answer the signal in time.
    Timeout,
    /// The time for the whole dump was used up before its turn.
    OutOfTime,
    /// The application took over the signal.
    HandlerReplaced,
    /// The signal could not be sent, or the stack not be copied.
    Refused(Cow<'static, str>),
    /// Stacks cannot be taken on this system.
    Unsupported,
}

impl std::fmt::Display for NoStack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exiting => f.write_str("the thread is exiting"),
            Self::SignalBlocked => f.write_str("the thread is running with SIGURG blocked"),
            Self::Timeout => f.write_str("the thread did not answer SIGURG within a second"),
            Self::OutOfTime => f.write_str("the five seconds for the whole dump were over"),
            Self::HandlerReplaced => f.write_str(
                "the thread is running and the application has replaced our SIGURG handler",
            ),
            Self::Refused(why) => f.write_str(why),
            Self::Unsupported => {
                f.write_str("stacks are taken on Linux on x86-64 and aarch64 only")
            }
        }
    }
}
