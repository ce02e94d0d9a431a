//! Returns the memory of scripts to the system, once no request for one has memory any more.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use admin_runtime::LargeBuffer;
use bytes::Bytes;

use crate::heap;
use crate::sync::lock;

/// How long the last request must be over: its connection frees its buffers after the reply.
const QUIET_TIME: Duration = Duration::from_millis(250);

static STATE: Mutex<ReturnState> = Mutex::new(ReturnState {
    requests: 0,
    servers: 0,
    is_waiting: false,
});
static STATE_CHANGE: Condvar = Condvar::new();

struct ReturnState {
    /// Requests that have memory.
    requests: usize,
    /// Servers that serve scripts.
    servers: usize,
    /// Whether a thread waits until there are no requests.
    is_waiting: bool,
}

impl ReturnState {
    fn is_busy(&self) -> bool {
        self.requests > 0 && self.servers > 0
    }

    fn change(change: impl FnOnce(&mut Self)) {
        change(&mut lock(&STATE));
        STATE_CHANGE.notify_all();
    }
}

/// A request for a script, from its handler's start until its reply is sent.
#[derive(Debug)]
pub(super) struct RequestMemory(());

impl RequestMemory {
    pub(super) fn new() -> Self {
        ReturnState::change(|state| state.requests += 1);
        Self(())
    }

    /// A text that ends the request when its last byte is sent.
    pub(super) fn keep_with(self, text: Bytes) -> AnswerText {
        AnswerText {
            text,
            _memory: self,
        }
    }
}

impl Drop for RequestMemory {
    fn drop(&mut self) {
        ReturnState::change(|state| state.requests -= 1);
    }
}

/// The text of an answer, counted as the memory of its request.
#[derive(Debug)]
pub(super) struct AnswerText {
    text: Bytes,
    _memory: RequestMemory,
}

impl AsRef<[u8]> for AnswerText {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

/// A text for another thread, which would free a long one into the heap of this thread.
pub(super) fn detached(text: String) -> Bytes {
    let mut buffer = LargeBuffer::with_capacity(text.len());
    buffer.extend_from_slice(text.as_bytes());
    buffer.into()
}

/// Counts a server.
pub(super) fn begin() {
    ReturnState::change(|state| state.servers += 1);
}

/// Does not count a server any more: nothing waits for requests after the last one.
pub(super) fn end() {
    ReturnState::change(|state| state.servers -= 1);
}

/// Waits until no request for a script has memory, or the last server has stopped, and returns free
/// memory to the system. Does nothing if another thread waits for that.
pub(super) fn trim_when_quiet() {
    let mut state = lock(&STATE);
    if state.is_waiting {
        return;
    }
    state.is_waiting = true;
    let mut is_quiet = false;
    while !is_quiet {
        let wait = STATE_CHANGE.wait_while(state, |state| state.is_busy());
        state = wait.unwrap_or_else(PoisonError::into_inner);
        (state, is_quiet) = stays_quiet(state);
    }
    state.is_waiting = false;
    drop(state);
    heap::trim();
}

/// Whether no request comes for some time.
fn stays_quiet(state: MutexGuard<'_, ReturnState>) -> (MutexGuard<'_, ReturnState>, bool) {
    let is_idle = |state: &mut ReturnState| !state.is_busy() && state.servers > 0;
    let (state, timeout) = STATE_CHANGE
        .wait_timeout_while(state, QUIET_TIME, is_idle)
        .unwrap_or_else(PoisonError::into_inner);
    let is_quiet = timeout.timed_out() || state.servers == 0;
    (state, is_quiet)
}
