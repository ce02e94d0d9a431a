//! The open connections of a server, and which of them waits for a request.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use crate::sync::lock;

/// A request of the connection is in progress.
const IN_PROGRESS: u64 = 0;

/// The connection is closed before its next request begins.
const CLOSING: u64 = u64::MAX;

/// Added to the turn of a connection that only discards the rest of a refused request.
const DISCARDING: u64 = 1 << 63;

/// The open connections of one server, at most `Limits::max_connections`.
pub(super) struct ConnectionTable {
    max_connections: usize,
    made: Instant,
    room: Arc<Semaphore>,
    open: Mutex<BTreeMap<u64, Arc<ConnectionState>>>,
    /// Counts up: a connection that began to wait earlier has a lower turn.
    next_turn: AtomicU64,
    is_room_wanted: AtomicBool,
    began_to_wait: Notify,
    ended: Notify,
}

/// Whether one connection waits for a request.
pub(super) struct ConnectionState {
    table: Arc<ConnectionTable>,
    /// `IN_PROGRESS`, `CLOSING`, or the turn since which it has been waiting.
    phase: AtomicU64,
    /// When it began to wait, in nanoseconds since the table was made.
    waiting_since: AtomicU64,
    is_reply_complete: AtomicBool,
    has_head_bytes: AtomicBool,
    close: Notify,
}

/// A connection's place in the table, which it leaves when this is dropped.
pub(super) struct OpenConnection {
    id: u64,
    state: Arc<ConnectionState>,
    permit: Option<OwnedSemaphorePermit>,
}

impl ConnectionTable {
    pub(super) fn new(max_connections: usize) -> Arc<Self> {
        let max_connections = max_connections.clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self {
            max_connections,
            made: Instant::now(),
            room: Arc::new(Semaphore::new(max_connections)),
            open: Mutex::default(),
            next_turn: AtomicU64::new(1),
            is_room_wanted: AtomicBool::new(false),
            began_to_wait: Notify::new(),
            ended: Notify::new(),
        })
    }

    /// A place for a new connection. When all are taken, the connection that has waited longest for
    /// a request is closed; while all have one in progress, this waits.
    pub(super) async fn place(self: &Arc<Self>) -> OpenConnection {
        let permit = loop {
            if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
                break Some(permit);
            }
            self.is_room_wanted.store(true, Ordering::SeqCst);
            let freed = Arc::clone(&self.room).acquire_owned();
            // The semaphore is never closed.
            if self.close_longest_waiting() {
                break freed.await.ok();
            }
            match select(pin!(freed), pin!(self.began_to_wait.notified())).await {
                Either::Left((permit, _)) => break permit.ok(),
                Either::Right(_) => {}
            }
        };
        self.is_room_wanted.store(false, Ordering::SeqCst);
        let state = Arc::new(ConnectionState {
            table: Arc::clone(self),
            phase: AtomicU64::new(IN_PROGRESS),
            waiting_since: AtomicU64::new(0),
            is_reply_complete: AtomicBool::new(false),
            has_head_bytes: AtomicBool::new(false),
            close: Notify::new(),
        });
        let id = self.turn();
        state.wait_since(id);
        lock(&self.open).insert(id, Arc::clone(&state));
        OpenConnection { id, state, permit }
    }

    /// Closes the connection that has waited longest for a request; false if none waits.
    pub(super) fn close_longest_waiting(&self) -> bool {
        let open = lock(&self.open);
        loop {
            let waiting = open.values().filter_map(|state| {
                let phase = state.phase.load(Ordering::SeqCst);
                (phase != IN_PROGRESS && phase != CLOSING).then_some((phase, state))
            });
            let Some((phase, state)) = waiting.min_by_key(|(phase, _)| *phase) else {
                return false;
            };
            if state.change(phase, CLOSING) {
                state.close.notify_one();
                return true;
            }
        }
    }

    /// Returns when a connection has ended, at once if one has since the last call.
    pub(super) async fn one_ended(&self) {
        self.ended.notified().await;
    }

    /// Returns when no connection is open.
    pub(super) async fn all_ended(&self) {
        let all = u32::try_from(self.max_connections).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let _ = self.room.acquire_many(all).await;
    }

    fn age(&self) -> Duration {
        self.made.elapsed()
    }

    fn turn(&self) -> u64 {
        self.next_turn.fetch_add(1, Ordering::Relaxed)
    }
}

impl ConnectionState {
    /// A head is complete; false if the connection was closed just before.
    pub(super) fn begin_request(&self) -> bool {
        self.is_reply_complete.store(false, Ordering::Relaxed);
        loop {
            match self.phase.load(Ordering::SeqCst) {
                CLOSING => return false,
                IN_PROGRESS => return true,
                turn if self.change(turn, IN_PROGRESS) => return true,
                _ => {}
            }
        }
    }

    /// The reply has no more data; a part of it may still have to be written.
    pub(super) fn end_reply(&self) {
        self.is_reply_complete.store(true, Ordering::Relaxed);
    }

    /// Everything of a reply so far is written.
    pub(super) fn written(&self) {
        if self.is_reply_complete.swap(false, Ordering::Relaxed) {
            self.has_head_bytes.store(false, Ordering::Relaxed);
            self.wait_since(self.table.turn());
        }
    }

    /// Bytes were read.
    pub(super) fn received(&self) {
        self.has_head_bytes.store(true, Ordering::Relaxed);
    }

    /// Whether a part of the next head was read.
    pub(super) fn has_head_bytes(&self) -> bool {
        self.has_head_bytes.load(Ordering::Relaxed)
    }

    /// From now on the connection only discards what its client sends.
    pub(super) fn discard(&self) {
        self.wait_since(DISCARDING | self.table.turn());
    }

    /// Refuses further requests, unless one is in progress; whether it does.
    pub(super) fn close_if_waiting(&self) -> bool {
        loop {
            match self.phase.load(Ordering::SeqCst) {
                IN_PROGRESS => return false,
                CLOSING => return true,
                turn if self.change(turn, CLOSING) => return true,
                _ => {}
            }
        }
    }

    /// Returns when the connection has waited for a request for so long.
    pub(super) async fn waited_for(&self, limit: Duration) {
        loop {
            let rest = self.rest_of(limit, self.table.age());
            if rest.is_zero() {
                return;
            }
            sleep(rest).await;
        }
    }

    /// When it can have waited for so long: nothing is left if it has.
    fn rest_of(&self, limit: Duration, age: Duration) -> Duration {
        match self.phase.load(Ordering::SeqCst) {
            IN_PROGRESS | CLOSING => limit,
            _ => {
                let since = Duration::from_nanos(self.waiting_since.load(Ordering::SeqCst));
                limit.saturating_sub(age.saturating_sub(since))
            }
        }
    }

    fn wait_since(&self, turn: u64) {
        let age = u64::try_from(self.table.age().as_nanos()).unwrap_or(u64::MAX);
        self.waiting_since.store(age, Ordering::SeqCst);
        let before = self.phase.load(Ordering::SeqCst);
        if before != CLOSING && self.change(before, turn) {
            // Set before the table is searched: one of the two sees the other.
            if self.table.is_room_wanted.load(Ordering::SeqCst) {
                self.table.began_to_wait.notify_one();
            }
        }
    }

    fn change(&self, from: u64, to: u64) -> bool {
        let changed = self
            .phase
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        changed.is_ok()
    }
}

impl OpenConnection {
    pub(super) fn state(&self) -> &Arc<ConnectionState> {
        &self.state
    }

    /// Returns when the connection is closed to make room.
    pub(super) async fn closed(&self) {
        self.state.close.notified().await;
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        lock(&self.state.table.open).remove(&self.id);
        drop(self.permit.take());
        self.state.table.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(connection: &OpenConnection) -> bool {
        connection.state.phase.load(Ordering::SeqCst) == CLOSING
    }

    async fn filled(count: usize) -> (Arc<ConnectionTable>, Vec<OpenConnection>) {
        let table = ConnectionTable::new(count);
        let mut open = Vec::new();
        for _ in 0..count {
            open.push(table.place().await);
        }
        (table, open)
    }

    #[tokio::test]
    async fn the_longest_waiting_is_closed_first() {
        let (table, open) = filled(3).await;
        // The first answers a request and waits again: now the second has waited longest.
        assert!(open[0].state.begin_request());
        open[0].state.end_reply();
        open[0].state.written();
        for expected in [1, 2, 0] {
            assert!(table.close_longest_waiting());
            assert!(is_closed(&open[expected]), "{expected}");
            assert!(!open[expected].state.begin_request(), "{expected}");
        }
        assert!(!table.close_longest_waiting());
    }

    #[tokio::test]
    async fn requests_in_progress_are_not_closed() {
        let (table, open) = filled(1).await;
        let state = &open[0].state;
        assert!(state.begin_request());
        assert!(!table.close_longest_waiting() && !state.close_if_waiting());
        state.end_reply();
        assert!(!table.close_longest_waiting(), "the reply is not written");
        state.written();
        assert!(state.close_if_waiting());
    }

    #[tokio::test]
    async fn received_bytes_do_not_renew_the_turn() {
        let (table, open) = filled(2).await;
        open[0].state.received();
        assert!(open[0].state.has_head_bytes());
        assert!(table.close_longest_waiting());
        assert!(is_closed(&open[0]));
    }

    #[tokio::test]
    async fn only_waiting_counts_towards_the_timeout() {
        let (_table, open) = filled(1).await;
        let state = &open[0].state;
        let seconds = Duration::from_secs;
        let rest_at = |age| state.rest_of(seconds(10), seconds(age));
        state.waiting_since.store(3_000_000_000, Ordering::SeqCst);
        assert_eq!(rest_at(4), seconds(9));
        assert_eq!(rest_at(13), seconds(0));
        assert_eq!(rest_at(60), seconds(0));
        assert!(state.begin_request());
        assert_eq!(rest_at(60), seconds(10), "a request is in progress");
    }

    #[tokio::test]
    async fn discarding_connections_are_closed_last() {
        let (table, open) = filled(2).await;
        assert!(open[0].state.begin_request());
        open[0].state.discard();
        assert!(table.close_longest_waiting() && is_closed(&open[1]));
        assert!(table.close_longest_waiting() && is_closed(&open[0]));
    }

    #[tokio::test]
    async fn a_place_waits_for_a_finished_request() {
        let (table, mut open) = filled(1).await;
        let only = open.remove(0);
        assert!(only.state.begin_request());
        let table = &table;
        let next = async { table.place().await };
        let end = async move {
            tokio::task::yield_now().await;
            only.state.end_reply();
            only.state.written();
            only.closed().await;
            drop(only);
        };
        let (next, ()) = futures_util::future::join(next, end).await;
        drop(next);
        table.all_ended().await;
    }
}
