//! The task of the admin runtime between connections and runners.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use super::exchange::Exchange;
use super::pool::RuntimePool;

/// Wakes runners for the jobs that are submitted and delivers the outcomes.
pub(super) struct Dispatcher {
    exchange: Arc<Exchange>,
    pool: RuntimePool,
    /// When to look for blocked threads; none while nothing runs.
    check: Option<Pin<Box<Sleep>>>,
}

enum Event {
    Submitted,
    CheckIsDue,
    Closed,
}

/// The first check after a job is submitted.
const FIRST_CHECK: Duration = Duration::from_millis(10);

impl Dispatcher {
    pub(super) fn new(exchange: Arc<Exchange>, pool: RuntimePool) -> Self {
        Self {
            exchange,
            pool,
            check: None,
        }
    }

    /// Runs until the exchange is closed.
    pub(super) async fn run(mut self) {
        loop {
            match poll_fn(|context| self.poll_event(context)).await {
                Event::Submitted => {
                    // Connections that are ready too submit their jobs first.
                    tokio::task::yield_now().await;
                    self.exchange.deliver();
                    self.exchange.reset_submitted();
                    self.pool.wake(Instant::now());
                    self.check
                        .get_or_insert_with(|| Box::pin(sleep(FIRST_CHECK)));
                }
                Event::CheckIsDue => {
                    let next = self.pool.check(Instant::now());
                    self.check = next.map(|next| Box::pin(sleep(next)));
                }
                Event::Closed => return,
            }
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        self.exchange.register_dispatcher(context.waker());
        self.exchange.deliver();
        if self.exchange.is_closed() {
            return Poll::Ready(Event::Closed);
        }
        if self.exchange.is_submitted() {
            return Poll::Ready(Event::Submitted);
        }
        match &mut self.check {
            Some(check) => check.as_mut().poll(context).map(|()| Event::CheckIsDue),
            None => Poll::Pending,
        }
    }
}
