//! The task of the admin runtime between connections and runners.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::pool::{RuntimePool, WAITING_CHECK_INTERVAL};
use super::queue::JobQueue;

/// Wakes runners for the jobs that are submitted and delivers the outcomes.
pub(super) struct Dispatcher {
    queue: Arc<JobQueue>,
    pool: RuntimePool,
    /// When to look for blocked threads; none while nothing runs.
    check: Option<Pin<Box<Sleep>>>,
}

enum Event {
    Submitted,
    CheckIsDue,
    Closed,
}

impl Dispatcher {
    pub(super) fn new(queue: Arc<JobQueue>, pool: RuntimePool) -> Self {
        Self {
            queue,
            pool,
            check: None,
        }
    }

    /// Runs until the queue is closed.
    pub(super) async fn run(mut self) {
        loop {
            match poll_fn(|context| self.poll_event(context)).await {
                Event::Submitted => {
                    // Connections that are ready too submit their jobs first.
                    tokio::task::yield_now().await;
                    self.queue.deliver();
                    self.queue.reset_submitted();
                    let now = Instant::now();
                    self.pool.wake(now);
                    self.check_by(now + WAITING_CHECK_INTERVAL);
                }
                Event::CheckIsDue => {
                    let next = self.pool.check(Instant::now());
                    self.check = next.map(|next| Box::pin(sleep(next)));
                }
                Event::Closed => return,
            }
        }
    }

    /// A check that is due later is made earlier: the job may wait behind a handler that blocks.
    fn check_by(&mut self, latest: Instant) {
        let is_in_time = |check: &Pin<Box<Sleep>>| check.deadline() <= latest;
        if !self.check.as_ref().is_some_and(is_in_time) {
            self.check = Some(Box::pin(sleep_until(latest)));
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        self.queue.register_dispatcher(context.waker());
        self.queue.deliver();
        if self.queue.is_closed() {
            return Poll::Ready(Event::Closed);
        }
        if self.queue.is_submitted() {
            return Poll::Ready(Event::Submitted);
        }
        match &mut self.check {
            Some(check) => check.as_mut().poll(context).map(|()| Event::CheckIsDue),
            None => Poll::Pending,
        }
    }
}
