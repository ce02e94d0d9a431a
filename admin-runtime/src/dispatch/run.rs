//! Where a handler runs, for how long, and what its panic becomes.

use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};

use crate::endpoint::{HandlerTask, Runtime};
use crate::panics::panic_message;
use crate::response::{AdminError, Response};
use crate::server_context::{SendReply, ServedEndpoint, ServerContext};

type HandlerOutcome = Result<Response, AdminError>;

thread_local! {
    static ADMIN_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Marks a thread of a server's own runtime: users' code never runs on it.
pub(crate) fn mark_admin_thread() {
    ADMIN_THREAD.set(true);
}

/// Runs the task of an endpoint where it belongs, within its time.
///
/// From a server's own thread users' code goes to the users' runtime. From any other thread, that
/// of a mounted server or of a test, the caller's runtime is the users' runtime already.
pub(super) async fn run(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    task: HandlerTask,
) -> HandlerOutcome {
    let descriptor = &endpoint.descriptor;
    let limit = descriptor.timeout.unwrap_or(context.limits.handler_timeout);
    let users = context.user_runtime.get().filter(|_| ADMIN_THREAD.get());
    match task {
        HandlerTask::Async(future) => match users {
            Some(users) if descriptor.runtime != Runtime::Admin => {
                let mut task = AbortOnDrop(users.spawn(future));
                joined(within(limit, &mut task.0).await?)
            }
            _ => {
                let caught = AssertUnwindSafe(future).catch_unwind();
                within(limit, caught)
                    .await?
                    .unwrap_or_else(|panic| Err(panicked(&*panic)))
            }
        },
        HandlerTask::Blocking(function) => {
            let Some(permit) = context.concurrency.try_acquire(endpoint) else {
                return Err(AdminError::unavailable(
                    "Too many requests of this kind are running: try again later",
                ));
            };
            let runtime = users.cloned().unwrap_or_else(Handle::current);
            let (sender, outcome) = oneshot::channel();
            let job = move || -> SendReply {
                let _runtime = runtime.enter();
                let outcome = catch_unwind(AssertUnwindSafe(function));
                drop(permit);
                Box::new(move || drop(sender.send(outcome))) // the client may have gone
            };
            let started = context.blocking_pool.run(Box::new(job));
            started.map_err(|error| no_thread(&error))?;
            match within(limit, outcome).await? {
                Ok(outcome) => outcome.unwrap_or_else(|panic| Err(panicked(&*panic))),
                Err(_) => Err(AdminError::unavailable("The server is stopping")),
            }
        }
    }
}

async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, AdminError> {
    tokio::time::timeout(limit, future).await.map_err(|_| {
        AdminError::unavailable(format!("The handler did not answer within {limit:?}"))
    })
}

fn joined(joined: Result<HandlerOutcome, JoinError>) -> HandlerOutcome {
    joined.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => Err(panicked(&*panic)),
        Err(_) => Err(AdminError::unavailable("The server is stopping")),
    })
}

fn no_thread(error: &io::Error) -> AdminError {
    AdminError::unavailable(format!(
        "No thread for the handler: {error}; the process has reached a limit of threads or of memory"
    ))
}

/// What a panic of a handler becomes.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> AdminError {
    AdminError::internal(panic_message(panic))
}

/// A task whose request may be dropped: then it is aborted at its next await.
struct AbortOnDrop(JoinHandle<HandlerOutcome>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
