//! The loops: one OS thread for a sync body, one task for an async body.

use std::any::Any;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

use super::descriptor::{Body, RunFuture};
use super::outcome::{PeriodicError, RunResult};
use super::thread::Thread;
use crate::panics::panic_message;
use crate::thread_names;

/// Why no loop came to be; the thread is stopped again.
pub(super) enum NoLoop {
    NoRuntime,
    Spawn(io::Error),
}

/// Starts the loop of a thread that has begun a life.
pub(super) fn spawn(
    thread: Arc<Thread>,
    body: Body,
    runtime: Option<&Handle>,
) -> Result<(), NoLoop> {
    let name = thread.name.to_string();
    let tenure = Tenure {
        thread,
        body: Some(body),
    };
    if !matches!(tenure.body, Some(Body::Async(_))) {
        // The one place where the OS thread of a sync body gets its full name.
        let builder = std::thread::Builder::new();
        return match thread_names::spawn_named(builder, name, move || drive_sync(tenure)) {
            Ok(_detached) => Ok(()),
            Err(error) => Err(NoLoop::Spawn(error)),
        };
    }
    let Some(runtime) = runtime else {
        tenure.thread.request_stop();
        return Err(NoLoop::NoRuntime);
    };
    runtime.spawn(drive_async(tenure));
    Ok(())
}

/// Gives the body back when the loop ends, however it ends.
struct Tenure {
    thread: Arc<Thread>,
    body: Option<Body>,
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.thread.ended(self.body.take());
    }
}

fn drive_sync(mut tenure: Tenure) {
    let thread = Arc::clone(&tenure.thread);
    let Some(Body::Sync(run)) = &mut tenure.body else {
        return;
    };
    while let Some(begun) = thread.next_run_blocking() {
        let result = caught(AssertUnwindSafe(&mut *run)).unwrap_or_else(Err);
        thread.finish(begun, result);
    }
}

async fn drive_async(mut tenure: Tenure) {
    let thread = Arc::clone(&tenure.thread);
    let Some(Body::Async(run)) = &mut tenure.body else {
        return;
    };
    while let Some(begun) = thread.next_run().await {
        let result = match caught(AssertUnwindSafe(&mut *run)) {
            Ok(future) => Guarded(Some(future)).await,
            Err(error) => Err(error),
        };
        thread.finish(begun, result);
    }
}

/// A run whose panic is a failure.
struct Guarded(Option<RunFuture>);

impl Future for Guarded {
    type Output = RunResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<RunResult> {
        let Some(future) = &mut self.0 else {
            return Poll::Ready(Err(PeriodicError::new("polled after its end")));
        };
        let polled = caught(AssertUnwindSafe(|| future.as_mut().poll(context)));
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(error) => Err(error),
        };
        // What the future still holds is the user's too, and may panic when dropped.
        let future = self.0.take();
        Poll::Ready(caught(AssertUnwindSafe(|| drop(future))).and(result))
    }
}

/// Calls what the user wrote.
fn caught<T>(function: AssertUnwindSafe<impl FnOnce() -> T>) -> Result<T, PeriodicError> {
    catch_unwind(function).map_err(|panic| {
        let error = PeriodicError::new(panic_message(&*panic));
        discard(panic);
        error
    })
}

/// A panic's payload may panic when dropped; the payload of that panic is given up.
fn discard(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}
