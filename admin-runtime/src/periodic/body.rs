//! The code that a loop runs.

use std::pin::Pin;

use super::outcome::RunResult;

/// The future of one run.
pub(crate) type RunFuture = Pin<Box<dyn Future<Output = RunResult> + Send>>;

/// A body as its loop owns it, whether linked or built at run time.
pub(super) enum RunBody {
    /// Called on an OS thread of its own.
    Sync(Box<dyn FnMut() -> RunResult + Send>),
    /// Its futures are awaited on a runtime.
    Async(Box<dyn FnMut() -> RunFuture + Send>),
}
