//! The open connections of a server, and which of them wait for their clients.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

use super::connection_phase::{AtomicConnectionPhase, AwaitedAction, ConnectionPhase, Turn};
use super::unwritten_part::UnwrittenPart;
use crate::limits::Limits;
use crate::sync::lock;

/// A client that has sent a part of a body, or read a part of a reply, may pause for so long before
/// its connection is closed to make room or at a stop.
pub(super) const MAX_PAUSE: Duration = Duration::from_millis(500);

/// How often a connection to close is looked for while a client waits for room.
const ROOM_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// A timer is not set for less.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// The open connections of one server, at most `Limits::max_connections`.
pub(super) struct ConnectionTable {
    max_connections: usize,
    made: Instant,
    room: Arc<Semaphore>,
    /// Who may wait for room: one accept loop at a time.
    room_turn: Semaphore,
    open: Mutex<BTreeMap<u64, Arc<ConnectionState>>>,
    next_turn: AtomicU64,
    /// Set by the accept loop that waits; cleared by who closes a connection for it.
    is_room_wanted: AtomicBool,
    ended: Notify,
}

/// Connections of a lower rank are closed first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ClosingRank {
    /// The client has sent no request, or not all of its head.
    Paused,
    /// A refused request whose rest has been discarded for longer than a pause.
    PausedRefused,
    /// The client of a request in progress has paused.
    PausedInProgress,
    /// The head of a request may be about to be read.
    New,
    /// The client may not have read the refusal yet.
    Refused,
}

/// What one connection waits for.
pub(super) struct ConnectionState {
    table: Arc<ConnectionTable>,
    phase: AtomicConnectionPhase,
    /// When it began to wait, in nanoseconds since the table was made; written before the phase.
    waiting_since: AtomicU64,
    is_reply_complete: AtomicBool,
    has_head_bytes: AtomicBool,
    unwritten_part: UnwrittenPart,
    close: Notify,
    /// Whether the client has sent what is not read yet; not set before the connection is served.
    has_unread: OnceLock<HasUnread>,
}

type HasUnread = Box<dyn Fn() -> bool + Send + Sync>;

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
            room_turn: Semaphore::new(1),
            open: Mutex::default(),
            next_turn: AtomicU64::new(1),
            is_room_wanted: AtomicBool::new(false),
            ended: Notify::new(),
        })
    }

    /// A place for a new connection. When all are taken, the connection that has waited longest for
    /// its client is closed; while handlers run on all of them, this waits.
    pub(super) async fn place(self: &Arc<Self>) -> OpenConnection {
        let permit = match Arc::clone(&self.room).try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => self.permit_of_another().await,
        };
        let id = self.turn();
        let state = Arc::new(ConnectionState {
            table: Arc::clone(self),
            phase: AtomicConnectionPhase::new(ConnectionPhase::Waiting(
                AwaitedAction::SendHead,
                id,
            )),
            waiting_since: AtomicU64::new(self.age_nanos()),
            is_reply_complete: AtomicBool::new(false),
            has_head_bytes: AtomicBool::new(false),
            unwritten_part: UnwrittenPart::default(),
            close: Notify::new(),
            has_unread: OnceLock::new(),
        });
        lock(&self.open).insert(id, Arc::clone(&state));
        OpenConnection { id, state, permit }
    }

    async fn permit_of_another(&self) -> Option<OwnedSemaphorePermit> {
        let _turn = self.room_turn.acquire().await;
        let mut freed = pin!(Arc::clone(&self.room).acquire_owned());
        self.is_room_wanted.store(true, Ordering::SeqCst);
        loop {
            self.make_room();
            // One whose client pauses may be closed a moment later.
            if let Ok(permit) = timeout(ROOM_CHECK_INTERVAL, freed.as_mut()).await {
                self.is_room_wanted.store(false, Ordering::SeqCst);
                // The semaphore is never closed.
                return permit.ok();
            }
        }
    }

    /// Closes one connection if a client waits for room and none was closed for it yet.
    fn make_room(&self) {
        let open = lock(&self.open);
        if self.is_room_wanted.load(Ordering::SeqCst) && self.close_longest_waiting_of(&open) {
            self.is_room_wanted.store(false, Ordering::SeqCst);
        }
    }

    /// Closes the connection that has waited longest for its client; false if none waits.
    pub(super) fn close_longest_waiting(&self) -> bool {
        self.close_longest_waiting_of(&lock(&self.open))
    }

    fn close_longest_waiting_of(&self, open: &BTreeMap<u64, Arc<ConnectionState>>) -> bool {
        let age = self.age();
        let waiting = open.values().filter_map(|state| {
            let phase = state.phase.load();
            let order = state.closing_order(phase, age)?;
            Some((order, phase, state))
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_unstable_by_key(|(order, ..)| *order);
        let closed = waiting.into_iter().find(|(_, phase, state)| {
            // More connections than this runtime has read from may have been accepted.
            !state.has_sent(*phase) && state.phase.change(*phase, ConnectionPhase::Closing)
        });
        if let Some((_, _, state)) = &closed {
            state.close.notify_one();
        }
        closed.is_some()
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

    fn age_nanos(&self) -> u64 {
        u64::try_from(self.age().as_nanos()).unwrap_or(u64::MAX)
    }

    fn turn(&self) -> Turn {
        self.next_turn.fetch_add(1, Ordering::Relaxed)
    }
}

impl ConnectionState {
    /// The connection is served from now on; `has_unread` says whether its socket has bytes to read.
    pub(super) fn begin(&self, has_unread: impl Fn() -> bool + Send + Sync + 'static) {
        // It is served once.
        let _ = self.has_unread.set(Box::new(has_unread));
    }

    /// Whether the client has done already what it is waited for, as far as the socket says.
    fn has_sent(&self, phase: ConnectionPhase) -> bool {
        let ConnectionPhase::Waiting(AwaitedAction::SendHead | AwaitedAction::SendBody, _) = phase
        else {
            return false;
        };
        self.has_unread.get().is_none_or(|has_unread| has_unread())
    }

    /// A head is complete; false if the connection was closed just before.
    pub(super) fn begin_request(&self) -> bool {
        self.is_reply_complete.store(false, Ordering::Relaxed);
        self.continue_unless_closing()
    }

    /// The reply has no more data; a part of it may still have to be written.
    pub(super) fn end_reply(&self) {
        self.is_reply_complete.store(true, Ordering::Relaxed);
    }

    pub(super) fn unwritten_part(&self) -> &UnwrittenPart {
        &self.unwritten_part
    }

    /// Everything of a reply so far is written.
    pub(super) fn written(&self) {
        self.unwritten_part.end();
        if self.is_reply_complete.swap(false, Ordering::Relaxed) {
            self.has_head_bytes.store(false, Ordering::Relaxed);
            self.wait_for(AwaitedAction::SendHead);
            // Now: the next request may already be there. Set before the table is searched, so that
            // this or the accept loop sees the other.
            if self.table.is_room_wanted.load(Ordering::SeqCst) {
                self.table.make_room();
            }
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

    /// How long it has been since the connection began to wait for its client.
    pub(super) fn waited(&self) -> Duration {
        self.waited_at(Duration::from_nanos(self.table.age_nanos()))
    }

    /// From now on the connection waits for its client.
    pub(super) fn wait_for(&self, action: AwaitedAction) {
        let since = self.table.age_nanos();
        self.waiting_since.store(since, Ordering::SeqCst);
        let before = self.phase.load();
        if before != ConnectionPhase::Closing {
            // Only who closes it changes the phase at the same time.
            let waiting = ConnectionPhase::Waiting(action, self.table.turn());
            self.phase.change(before, waiting);
        }
    }

    /// The client has done what it was waited for; false if the connection was closed just before.
    pub(super) fn continue_unless_closing(&self) -> bool {
        loop {
            match self.phase.load() {
                ConnectionPhase::Closing => return false,
                ConnectionPhase::InProgress => return true,
                waiting if self.phase.change(waiting, ConnectionPhase::InProgress) => return true,
                _ => {}
            }
        }
    }

    pub(super) fn is_in_progress(&self) -> bool {
        self.phase.load() == ConnectionPhase::InProgress
    }

    /// Whether it waits for this.
    pub(super) fn awaits(&self, action: AwaitedAction) -> bool {
        matches!(self.phase.load(), ConnectionPhase::Waiting(awaited, _) if awaited == action)
    }

    /// Refuses further requests if the connection waits for its client; whether it does.
    pub(super) fn close_if_waiting(&self) -> bool {
        loop {
            let phase = self.phase.load();
            if phase == ConnectionPhase::Closing {
                return true;
            }
            if self.closing_order(phase, self.table.age()).is_none() {
                return false;
            }
            if self.phase.change(phase, ConnectionPhase::Closing) {
                return true;
            }
        }
    }

    /// Which connections are closed first: those that have waited longer. `None` if this one must
    /// not be closed.
    fn closing_order(&self, phase: ConnectionPhase, age: Duration) -> Option<(ClosingRank, Turn)> {
        let ConnectionPhase::Waiting(action, turn) = phase else {
            return None;
        };
        let has_paused = self.waited_at(age) >= MAX_PAUSE;
        let rank = match (action, has_paused) {
            (AwaitedAction::EndRefused, true) => ClosingRank::PausedRefused,
            (AwaitedAction::EndRefused, false) => ClosingRank::Refused,
            (AwaitedAction::SendHead, true) => ClosingRank::Paused,
            (AwaitedAction::SendHead, false) => ClosingRank::New,
            (AwaitedAction::SendBody | AwaitedAction::ReadReply, true) => {
                ClosingRank::PausedInProgress
            }
            (AwaitedAction::SendBody | AwaitedAction::ReadReply, false) => return None,
        };
        Some((rank, turn))
    }

    /// Returns when the connection has waited for its client for as long as the limits permit; the
    /// handler's side limits the time for a body.
    pub(super) async fn waited_too_long(&self, limits: &Limits) -> AwaitedAction {
        loop {
            let (_, rest) = self.rest(limits, self.table.age());
            if !rest.is_zero() {
                sleep(rest).await;
                continue;
            }
            // After a process was stopped, timers end before what arrived meanwhile is known.
            yield_now().await;
            if let (Some(action), Duration::ZERO) = self.rest(limits, self.table.age()) {
                return action;
            }
        }
    }

    /// What it waits for, and when it can at the earliest have waited too long for anything.
    fn rest(&self, limits: &Limits, age: Duration) -> (Option<AwaitedAction>, Duration) {
        let for_head = limits.header_read_timeout.max(SHORTEST_SLEEP);
        let for_reader = limits.write_timeout.max(SHORTEST_SLEEP);
        let rest = |limit: Duration| limit.saturating_sub(self.waited_at(age));
        match self.phase.load() {
            ConnectionPhase::Waiting(action @ AwaitedAction::SendHead, _) => {
                (Some(action), rest(for_head).min(for_reader))
            }
            ConnectionPhase::Waiting(action @ AwaitedAction::ReadReply, _) => {
                (Some(action), rest(for_reader).min(for_head))
            }
            _ => (None, for_head.min(for_reader)),
        }
    }

    /// As `close_if_waiting`, but not for a body: who reads it refuses it in time.
    pub(super) fn close_at_stop(&self) -> bool {
        !self.awaits(AwaitedAction::SendBody) && self.close_if_waiting()
    }

    /// Returns when the connection waits for its client, and has done so for `MAX_PAUSE` where a
    /// request is in progress. No other request begins.
    pub(super) async fn paused(&self) {
        while !self.close_at_stop() {
            sleep(ROOM_CHECK_INTERVAL).await;
        }
    }

    #[cfg(test)]
    pub(super) fn phase(&self) -> ConnectionPhase {
        self.phase.load()
    }

    /// As if it had been chosen to make room.
    #[cfg(test)]
    pub(super) fn close(&self) {
        assert!(
            self.phase
                .change(self.phase.load(), ConnectionPhase::Closing)
        );
    }

    fn waited_at(&self, age: Duration) -> Duration {
        let since = Duration::from_nanos(self.waiting_since.load(Ordering::SeqCst));
        age.saturating_sub(since)
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
mod tests;
