//! The loops: an OS thread for a sync body, a task for an async body.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::runtime::Handle;

use super::body::{RunBody, RunFuture};
use super::outcome::RunResult;
use super::run_error::PeriodicError;
use super::thread::ThreadCore;
use crate::panics::panic_message;
use crate::thread_names;

/// Why a loop did not begin; the thread is stopped again.
pub(super) enum SpawnError {
    NoRuntime,
    Io(io::Error),
}

/// Starts the loop of a thread that has begun a life cycle.
pub(super) fn spawn(
    thread: Arc<ThreadCore>,
    body: RunBody,
    runtime: Option<&Handle>,
) -> Result<(), SpawnError> {
    let name = thread.name().to_string();
    let guard = BodyGuard {
        thread,
        body: Some(body),
    };
    if !matches!(guard.body, Some(RunBody::Async(_))) {
        // The only place where the OS thread of a sync body receives its full name.
        let builder = std::thread::Builder::new();
        return match thread_names::spawn_named(builder, name, move || drive_sync(guard)) {
            Ok(_detached) => Ok(()),
            Err(error) => Err(SpawnError::Io(error)),
        };
    }
    let Some(runtime) = runtime else {
        guard.thread.request_stop();
        return Err(SpawnError::NoRuntime);
    };
    runtime.spawn(drive_async(guard));
    Ok(())
}

/// Returns the body to its thread when the loop ends, however it ends.
struct BodyGuard {
    thread: Arc<ThreadCore>,
    body: Option<RunBody>,
}

impl Drop for BodyGuard {
    fn drop(&mut self) {
        self.thread.end(self.body.take());
    }
}

fn drive_sync(mut guard: BodyGuard) {
    let thread = Arc::clone(&guard.thread);
    let Some(RunBody::Sync(body)) = &mut guard.body else {
        return;
    };
    while let Some(run) = thread.next_run_blocking() {
        let result = catch_panic(&mut *body).unwrap_or_else(Err);
        thread.finish(run, result);
    }
}

async fn drive_async(mut guard: BodyGuard) {
    let thread = Arc::clone(&guard.thread);
    let Some(RunBody::Async(body)) = &mut guard.body else {
        return;
    };
    while let Some(run) = thread.next_run().await {
        let result = match catch_panic(&mut *body) {
            Ok(future) => run_to_end(future).await,
            Err(error) => Err(error),
        };
        thread.finish(run, result);
    }
}

async fn run_to_end(mut future: RunFuture) -> RunResult {
    let result = AssertUnwindSafe(future.as_mut())
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(panic_error(panic)));
    // The values that the future still holds may panic when dropped.
    catch_panic(|| drop(future)).and(result)
}

/// Calls user code.
fn catch_panic<T>(function: impl FnOnce() -> T) -> Result<T, PeriodicError> {
    catch_unwind(AssertUnwindSafe(function)).map_err(panic_error)
}

fn panic_error(payload: Box<dyn Any + Send>) -> PeriodicError {
    let error = PeriodicError::new(panic_message(&*payload));
    // The payload may panic when dropped; the payload of that panic is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    error
}
