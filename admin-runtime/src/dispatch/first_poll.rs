//! A future that does in its first poll what needs no waiting.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Context;
use std::task::Poll::{self, Ready};

/// What a first poll returns.
pub(super) enum FirstPoll<T, F> {
    Done(T),
    /// The rest, which waits for something.
    Waits(F),
}

/// Runs `start` in the first poll, then what is left of it. An `async fn` would be as large as all that it
/// may ever wait with, and be moved as a whole; few requests wait.
pub(super) fn first_poll<T, F: Future<Output = T> + Unpin>(
    start: impl FnOnce(&mut Context<'_>) -> FirstPoll<T, F>,
) -> impl Future<Output = T> {
    let mut start = Some(start);
    let mut rest = None;
    poll_fn(move |task| {
        if let Some(start) = start.take() {
            match start(task) {
                FirstPoll::Done(value) => return Ready(value),
                FirstPoll::Waits(waits) => rest = Some(waits),
            }
        }
        match &mut rest {
            Some(rest) => Pin::new(rest).poll(task),
            None => Poll::Pending, // it is done already
        }
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::task::yield_now;

    use super::*;

    #[test]
    fn a_start_that_is_done_is_the_result() {
        let future = first_poll(|_| FirstPoll::<_, std::future::Ready<_>>::Done(7));
        assert_eq!(future.now_or_never(), Some(7));
    }

    #[tokio::test]
    async fn what_waits_goes_on() {
        let rest = |_: &mut Context<'_>| {
            FirstPoll::Waits(Box::pin(async {
                yield_now().await;
                8
            }))
        };
        let mut future = Box::pin(first_poll(rest));
        assert_eq!((&mut future).now_or_never(), None);
        assert_eq!(future.await, 8);
    }
}
