//! One run of a function of the user, whose panic is caught.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;

use super::body::RunFuture;
use super::outcome::RunResult;
use crate::panics::panic_message;

/// A run that panicked, with its message.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) String);

/// Awaits a run and drops its future.
pub(crate) async fn run_to_end(mut future: RunFuture) -> Result<RunResult, Panicked> {
    let result = AssertUnwindSafe(future.as_mut())
        .catch_unwind()
        .await
        .map_err(panicked);
    // The values that the future still holds may panic when dropped.
    catch_panic(|| drop(future)).and(result)
}

/// Awaits a run for at most this long and drops its future; `None` if it has not ended by then.
pub(crate) async fn run_within(
    limit: Duration,
    mut future: RunFuture,
) -> Option<Result<RunResult, Panicked>> {
    let run = AssertUnwindSafe(future.as_mut()).catch_unwind();
    let result = tokio::time::timeout(limit, run).await;
    let dropped = catch_panic(|| drop(future));
    Some(dropped.and(result.ok()?.map_err(panicked)))
}

/// Calls user code.
pub(crate) fn catch_panic<T>(function: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(function)).map_err(panicked)
}

fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    let message = panic_message(&*payload).to_string();
    // The payload may panic when dropped; the payload of that panic is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    Panicked(message)
}
