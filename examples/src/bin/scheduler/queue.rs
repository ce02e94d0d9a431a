//! A bounded queue of requests.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cache_engine::BlockKey;
use serde::Serialize;

/// A request for blocks: those of one prompt, from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Request {
    pub(crate) id: u64,
    pub(crate) blocks: Vec<BlockKey>,
}

/// The reply to a client that submitted a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    /// Number of requests that are served before it.
    pub(crate) ahead: u64,
}

/// The queue is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) capacity: u32,
}

/// A snapshot of the queue. Counts are since the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    capacity: u32,
    waiting: u64,
    served: u64,
    cancelled: u64,
    refused: u64,
    /// Blocks of served requests that were in the cache.
    cached_blocks: u64,
    /// Blocks of served requests that were not.
    computed_blocks: u64,
    /// The requests that are served next.
    next: Vec<Request>,
}

/// A bounded queue, first come, first served.
#[derive(Debug)]
pub(crate) struct Queue {
    capacity: u32,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Request>,
    last_id: u64,
    served: u64,
    cancelled: u64,
    refused: u64,
    cached_blocks: u64,
    computed_blocks: u64,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn submit(&self, blocks: Vec<BlockKey>) -> Result<Ticket, Full> {
        let mut state = self.state();
        if state.waiting.len() >= self.capacity as usize {
            state.refused += 1;
            let capacity = self.capacity;
            return Err(Full { capacity });
        }
        state.last_id += 1;
        let id = state.last_id;
        let ahead = state.waiting.len() as u64;
        state.waiting.push_back(Request { id, blocks });
        self.changed.notify_all();
        Ok(Ticket { id, ahead })
    }

    /// Removes a waiting request.
    pub(crate) fn cancel(&self, id: u64) -> Option<Request> {
        let mut state = self.state();
        let at = state.waiting.iter().position(|waiting| waiting.id == id)?;
        state.cancelled += 1;
        state.waiting.remove(at)
    }

    /// Waits for the next request; `None` once the queue is closed.
    pub(crate) fn next(&self) -> Option<Request> {
        let idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let waited = self.changed.wait_while(self.state(), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return None;
        }
        state.waiting.pop_front()
    }

    /// Records that a request was served.
    pub(crate) fn served(&self, cached: u64, computed: u64) {
        let mut state = self.state();
        state.served += 1;
        state.cached_blocks += cached;
        state.computed_blocks += computed;
    }

    /// Waits for this duration, or until the queue is closed.
    pub(crate) fn rest(&self, pause: Duration) {
        let open = |state: &mut State| !state.closed;
        // The result does not matter: `next` returns `None` if the queue is closed.
        drop(self.changed.wait_timeout_while(self.state(), pause, open));
    }

    /// Ends [`next`](Self::next) and [`rest`](Self::rest).
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    pub(crate) fn status(&self, next: usize) -> Status {
        let state = self.state();
        Status {
            capacity: self.capacity,
            waiting: state.waiting.len() as u64,
            served: state.served,
            cancelled: state.cancelled,
            refused: state.refused,
            cached_blocks: state.cached_blocks,
            computed_blocks: state.computed_blocks,
            next: state.waiting.iter().take(next).cloned().collect(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_come_first_served() {
        let queue = Queue::new(3);
        for key in 1..=3 {
            let ticket = queue.submit(vec![BlockKey(key)]).unwrap();
            assert_eq!((ticket.id, ticket.ahead), (key, key - 1));
        }
        assert_eq!(queue.submit(vec![]), Err(Full { capacity: 3 }));
        assert_eq!(queue.cancel(2).unwrap().blocks, [BlockKey(2)]);
        assert_eq!(queue.cancel(2), None);
        assert_eq!(queue.next().unwrap().id, 1);
        let status = queue.status(9);
        assert_eq!(
            (status.waiting, status.cancelled, status.refused),
            (1, 1, 1)
        );
        assert_eq!(status.next[0].id, 3);
    }

    #[test]
    fn closing_ends_every_wait() {
        let queue = Queue::new(1);
        std::thread::scope(|scope| {
            let next = scope.spawn(|| queue.next());
            let rest = scope.spawn(|| queue.rest(Duration::MAX));
            queue.close();
            assert_eq!(next.join().unwrap(), None);
            rest.join().unwrap();
        });
    }
}
