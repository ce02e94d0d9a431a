//! Where a handler runs, for how long, and what its panic becomes.

use std::any::Any;
use std::cell::OnceCell;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::poll_immediate;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::endpoint::{HandlerTask, Runtime};
use crate::panics::panic_message;
use crate::request::{CurrentRequest, InRequest, RequestId};
use crate::response::AdminError;
use crate::server_context::{SendReply, ServedEndpoint, ServerContext};
use crate::user_runtime::{HandlerOutcome, UserRuntime};

thread_local! {
    /// Set in the threads of a server's own runtime: users' code never runs on them.
    static USER_RUNTIME: OnceCell<Arc<OnceLock<UserRuntime>>> = const { OnceCell::new() };
}

/// Marks a thread of a server's own runtime: user handlers that it would run go to `users`,
/// which is set before the first request.
pub(crate) fn mark_admin_thread(users: &Arc<OnceLock<UserRuntime>>) {
    USER_RUNTIME.with(|cell| {
        // A thread belongs to one server.
        let _ = cell.set(Arc::clone(users));
    });
}

fn user_runtime() -> Option<UserRuntime> {
    USER_RUNTIME.with(|cell| cell.get()?.get().cloned())
}

/// Polls a handler once that may run on this thread: most are ready at once.
pub(super) fn poll_here(
    endpoint: &ServedEndpoint,
    handler: &mut HandlerTask,
    id: &RequestId,
    task: &mut Context<'_>,
) -> Poll<HandlerOutcome> {
    let HandlerTask::Async(future) = handler else {
        return Poll::Pending;
    };
    if endpoint.descriptor.runtime != Runtime::Admin && user_runtime().is_some() {
        return Poll::Pending;
    }
    let _current = CurrentRequest::enter(id);
    catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task)))
        .unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
}

/// Runs the task of an endpoint where it belongs, within its time.
///
/// From a server's own thread users' code goes to the user runtime. From any other thread, that
/// of a mounted server or of a test, the caller's runtime is the user runtime already.
pub(super) async fn run(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    task: HandlerTask,
    id: &RequestId,
) -> HandlerOutcome {
    let descriptor = &endpoint.descriptor;
    let limit = descriptor.timeout.unwrap_or(context.limits.handler_timeout);
    let users = user_runtime();
    match task {
        HandlerTask::Async(future) => match users {
            Some(users) if descriptor.runtime != Runtime::Admin => {
                let future = Box::pin(InRequest::new(id.clone(), future));
                let outcome = within(limit, users.run(future)).await?;
                outcome.unwrap_or_else(|_| Err(stopping()))
            }
            _ => {
                let future = InRequest::new(id.clone(), future);
                let mut caught = AssertUnwindSafe(future).catch_unwind();
                // Most handlers are ready at once and need no timer.
                let caught = match poll_immediate(&mut caught).await {
                    Some(caught) => caught,
                    None => within(limit, caught).await?,
                };
                caught.unwrap_or_else(|panic| Err(panicked(&*panic)))
            }
        },
        HandlerTask::Blocking(function) => {
            let Some(permit) = context.concurrency.try_acquire(endpoint) else {
                return Err(AdminError::unavailable(
                    "Too many requests of this kind are running: try again later",
                ));
            };
            let users = users.map(|users| users.handle().clone());
            let runtime = users.unwrap_or_else(Handle::current);
            let (sender, outcome) = oneshot::channel();
            let id = id.clone();
            let job = move || -> SendReply {
                let _runtime = runtime.enter();
                let current = CurrentRequest::enter(&id);
                let outcome = catch_unwind(AssertUnwindSafe(function));
                drop(current);
                drop(permit);
                Box::new(move || drop(sender.send(outcome))) // the client may have gone
            };
            let started = context.blocking_pool.run(Box::new(job));
            started.map_err(|error| no_thread(&error))?;
            match within(limit, outcome).await? {
                Ok(outcome) => outcome.unwrap_or_else(|panic| Err(panicked(&*panic))),
                Err(_) => Err(stopping()),
            }
        }
    }
}

async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, AdminError> {
    tokio::time::timeout(limit, future).await.map_err(|_| {
        AdminError::unavailable(format!("The handler did not answer within {limit:?}"))
    })
}

fn no_thread(error: &io::Error) -> AdminError {
    AdminError::unavailable(format!(
        "Cannot start a thread for the handler: {error}; the process has reached a limit of threads or of memory"
    ))
}

fn stopping() -> AdminError {
    AdminError::unavailable("The server is stopping")
}

/// What a panic of a handler becomes.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> AdminError {
    AdminError::internal(panic_message(panic))
}
