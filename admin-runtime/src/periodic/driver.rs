//! The loops: an OS thread for a sync body, a task for an async body.

use std::io;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::body::RunBody;
use super::outcome::RunResult;
use super::run::{Panicked, catch_panic, run_to_end};
use super::run_error::PeriodicError;
use super::thread::ThreadCore;
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
        let result = catch_panic(&mut *body).unwrap_or_else(failed);
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
            Ok(future) => run_to_end(future).await.unwrap_or_else(failed),
            Err(panic) => failed(panic),
        };
        thread.finish(run, result);
    }
}

fn failed(Panicked(message): Panicked) -> RunResult {
    Err(PeriodicError::new(message))
}
