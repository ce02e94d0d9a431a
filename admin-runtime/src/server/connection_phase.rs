//! What a connection waits for, in one atomic word.

use std::sync::atomic::{AtomicU64, Ordering};

/// What happens on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionPhase {
    /// A request is in progress, and it does not wait for its client.
    InProgress,
    /// The connection is closed before anything else begins.
    Closing,
    /// The server waits for the client.
    Waiting(AwaitedAction, Turn),
}

/// What the client has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AwaitedAction {
    /// Send the next request: its first byte or the rest of its head.
    SendHead,
    /// Send the rest of the body.
    SendBody,
    /// Read what was written.
    ReadReply,
    /// End a request that was refused and whose rest is discarded.
    EndRefused,
}

/// Counts up: a connection that began to wait earlier has a lower turn.
pub(super) type Turn = u64;

/// A phase that several threads change.
pub(super) struct AtomicConnectionPhase(AtomicU64);

const IN_PROGRESS: u64 = 0;
const CLOSING: u64 = u64::MAX;

/// The word has what the client has to do in its two lowest bits, the turn above.
const ACTION_BITS: u32 = 2;

impl ConnectionPhase {
    fn to_word(self) -> u64 {
        match self {
            Self::InProgress => IN_PROGRESS,
            Self::Closing => CLOSING,
            Self::Waiting(action, turn) => turn << ACTION_BITS | action as u64,
        }
    }

    fn from_word(word: u64) -> Self {
        let action = match word & ((1 << ACTION_BITS) - 1) {
            _ if word == IN_PROGRESS => return Self::InProgress,
            _ if word == CLOSING => return Self::Closing,
            0 => AwaitedAction::SendHead,
            1 => AwaitedAction::SendBody,
            2 => AwaitedAction::ReadReply,
            _ => AwaitedAction::EndRefused,
        };
        Self::Waiting(action, word >> ACTION_BITS)
    }
}

impl AtomicConnectionPhase {
    pub(super) fn new(phase: ConnectionPhase) -> Self {
        Self(AtomicU64::new(phase.to_word()))
    }

    pub(super) fn load(&self) -> ConnectionPhase {
        ConnectionPhase::from_word(self.0.load(Ordering::SeqCst))
    }

    /// Whether it was `from`, and is `to` now.
    pub(super) fn change(&self, from: ConnectionPhase, to: ConnectionPhase) -> bool {
        let (from, to) = (from.to_word(), to.to_word());
        let changed = self
            .0
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        changed.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_is_read_as_written() {
        let waiting = [
            AwaitedAction::SendHead,
            AwaitedAction::SendBody,
            AwaitedAction::ReadReply,
            AwaitedAction::EndRefused,
        ]
        .map(|action| [1, 77, 1 << 61].map(|turn| ConnectionPhase::Waiting(action, turn)));
        let others = [ConnectionPhase::InProgress, ConnectionPhase::Closing];
        for phase in waiting.into_iter().flatten().chain(others) {
            let atomic = AtomicConnectionPhase::new(phase);
            assert_eq!(atomic.load(), phase);
            assert!(atomic.change(phase, ConnectionPhase::InProgress));
            assert!(!atomic.change(ConnectionPhase::Closing, phase));
        }
    }
}
