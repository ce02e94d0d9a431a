//! One handler and the request that waits for it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::panics::panic_message;
use crate::response::{AdminError, Response};

/// What a handler answers.
pub(crate) type HandlerOutcome = Result<Response, AdminError>;

/// A handler with its arguments.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = HandlerOutcome> + Send>>;

/// A handler that runs on the user runtime. As a future it sends its own outcome.
pub(super) struct UserJob {
    handler: HandlerFuture,
    reply: Option<oneshot::Sender<HandlerOutcome>>,
}

/// A job that has ended.
pub(super) struct FinishedUserJob {
    outcome: HandlerOutcome,
    reply: oneshot::Sender<HandlerOutcome>,
}

impl UserJob {
    pub(super) fn new(handler: HandlerFuture) -> (Self, oneshot::Receiver<HandlerOutcome>) {
        let (reply, receiver) = oneshot::channel();
        let job = Self {
            handler,
            reply: Some(reply),
        };
        (job, receiver)
    }

    /// Polls the handler once. `Ready(None)` if nothing waits for it any more.
    pub(super) fn poll_finished(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<FinishedUserJob>> {
        let is_abandoned = self
            .reply
            .as_mut()
            .is_none_or(|reply| reply.poll_closed(context).is_ready());
        if is_abandoned {
            return Poll::Ready(None);
        }
        let polled = catch_unwind(AssertUnwindSafe(|| self.handler.as_mut().poll(context)));
        let outcome = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(outcome)) => outcome,
            Err(panic) => Err(AdminError::internal(panic_message(&*panic))),
        };
        let reply = self.reply.take();
        Poll::Ready(reply.map(|reply| FinishedUserJob { outcome, reply }))
    }
}

impl Future for UserJob {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.poll_finished(context).map(|finished| {
            if let Some(finished) = finished {
                finished.send();
            }
        })
    }
}

impl FinishedUserJob {
    /// Gives the outcome to the request. A request that is gone needs none.
    pub(super) fn send(self) {
        let _ = self.reply.send(self.outcome);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn poll(job: &mut UserJob) -> Poll<Option<FinishedUserJob>> {
        job.poll_finished(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_finished_job_sends_its_outcome() {
        let (mut job, mut receiver) = UserJob::new(Box::pin(async { Ok(Response::text("done")) }));
        let Poll::Ready(Some(finished)) = poll(&mut job) else {
            panic!("a handler that is ready");
        };
        finished.send();
        let response = receiver.try_recv().unwrap().unwrap();
        assert_eq!(response.status(), 200);
    }

    #[test]
    fn a_panic_is_an_internal_error() {
        let (mut job, mut receiver) = UserJob::new(Box::pin(async { panic!("no index") }));
        let Poll::Ready(Some(finished)) = poll(&mut job) else {
            panic!("a handler that is ready");
        };
        finished.send();
        assert_eq!(receiver.try_recv().unwrap().unwrap_err().status(), 500);
    }

    #[test]
    fn an_abandoned_handler_is_not_polled() {
        let (mut job, receiver) = UserJob::new(Box::pin(async { panic!("polled") }));
        drop(receiver);
        assert!(matches!(poll(&mut job), Poll::Ready(None)));
    }
}
