//! Where a handler runs, for how long, and what its panic becomes.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};

use crate::endpoint::{HandlerTask, Runtime};
use crate::panics::panic_message;
use crate::response::{AdminError, Response};
use crate::server_context::{ConcurrencyLimit, ServerContext};

type Outcome = Result<Response, AdminError>;

thread_local! {
    static ADMIN_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Marks a thread of a server's own runtime: users' code never runs on it.
pub(crate) fn mark_admin_thread() {
    ADMIN_THREAD.set(true);
}

/// Runs the work of endpoint `index` where it belongs, within its time.
///
/// From a server's own thread users' code goes to the users' runtime. From any other thread, a
/// mounted filter's or a test's, the caller's runtime is the users' runtime already.
pub(crate) async fn run(context: &Arc<ServerContext>, index: usize, work: HandlerTask) -> Outcome {
    let endpoint = &context.registry.endpoints()[index];
    let limit = endpoint.timeout.unwrap_or(context.limits.handler_timeout);
    let users = context.users.get().filter(|_| ADMIN_THREAD.get());
    match work {
        HandlerTask::Async(future) => match users.filter(|_| endpoint.runtime != Runtime::Admin) {
            Some(users) => {
                let mut task = AbortOnDrop(users.spawn(future));
                joined(within(limit, &mut task.0).await?)
            }
            None => within(limit, Guarded(future)).await?,
        },
        HandlerTask::Blocking(function) => {
            let Some(slot) = ConcurrencyLimit::take(context, index) else {
                return Err(AdminError::unavailable(
                    "Too many requests of this kind are running: try again later",
                ));
            };
            let job = move || {
                let _slot = slot;
                function()
            };
            let task = match users {
                Some(users) => users.spawn_blocking(job),
                None => tokio::task::spawn_blocking(job),
            };
            joined(within(limit, task).await?)
        }
    }
}

async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, AdminError> {
    tokio::time::timeout(limit, future).await.map_err(|_| {
        AdminError::unavailable(format!("The handler did not answer within {limit:?}"))
    })
}

fn joined(joined: Result<Outcome, JoinError>) -> Outcome {
    joined.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => Err(AdminError::internal(panic_message(&*panic))),
        Err(_) => Err(AdminError::unavailable("The server is stopping")),
    })
}

/// A task whose request may be dropped: then it is aborted at its next await.
struct AbortOnDrop(JoinHandle<Outcome>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A future whose panic is an error; it adds no allocation to the one of the handler.
struct Guarded(Pin<Box<dyn Future<Output = Outcome> + Send>>);

impl Future for Guarded {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        // After a panic the future is dropped with the request and never polled again.
        catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(AdminError::internal(panic_message(&*panic)))))
    }
}
