//! One thread while a dump is being taken, and the limits of the dump.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use admin_runtime::clock::Clock;

use crate::stacks::unwind::UnwoundStack;
use crate::threads::config::DumpSettings;
use crate::threads::info::ThreadInfo;
use crate::threads::report::{CaptureMethod, NoStack};

/// A thread that is being captured for the report.
pub(super) struct ThreadCapture {
    pub(super) info: ThreadInfo,
    /// Whether the thread blocks the signal that asks for its stack.
    pub(super) blocks_signal: bool,
    pub(super) state: CaptureState,
}

/// What is known of a thread's stack.
pub(super) enum CaptureState {
    Captured(UnwoundStack, CaptureMethod),
    /// The thread is running and has to be asked by a signal. A passive reading may have seen
    /// its inner frames.
    NeedsSignal(Option<UnwoundStack>),
    Failed(NoStack),
    /// The thread has exited since it was listed.
    Exited,
}

impl ThreadCapture {
    pub(super) fn needs_signal(&self) -> bool {
        matches!(self.state, CaptureState::NeedsSignal(_))
    }

    /// Ends the capture without a signal: with the frames that were seen, otherwise the reason.
    pub(super) fn finish_without_signal(&mut self, reason: NoStack) {
        let previous = std::mem::replace(&mut self.state, CaptureState::Failed(reason));
        if let CaptureState::NeedsSignal(Some(partial)) = previous {
            self.state = CaptureState::Captured(partial, CaptureMethod::Passive);
        }
    }
}

/// How long a dump may take, how many frames it shows, and the memory for their names.
#[derive(Clone)]
pub(super) struct DumpLimits {
    clock: Clock,
    deadline: Instant,
    pub(super) max_frames: usize,
    pub(super) max_symbol_bytes: usize,
}

impl DumpLimits {
    pub(super) fn new(clock: Clock, timeout: Duration, settings: DumpSettings) -> Self {
        let deadline = clock.now() + timeout;
        Self {
            clock,
            deadline,
            max_frames: settings.max_frames,
            max_symbol_bytes: settings.max_symbol_bytes,
        }
    }

    /// The same limits, but at most `duration` from now.
    pub(super) fn shortened(&self, duration: Duration) -> Self {
        Self {
            deadline: self.deadline.min(self.clock.now() + duration),
            ..self.clone()
        }
    }

    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.clock.now())
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.time_left().is_zero()
    }
}

/// Sentences about what the dump could not do, each once.
#[derive(Default)]
pub(super) struct Notes(Vec<Cow<'static, str>>);

impl Notes {
    pub(super) fn add(&mut self, note: String) {
        if !self.0.iter().any(|known| *known == note) {
            self.0.push(note.into());
        }
    }

    pub(super) fn into_vec(self) -> Vec<Cow<'static, str>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn shortened_limits_never_extend_the_deadline() {
        #[expect(clippy::disallowed_methods, reason = "the origin of a manual clock")]
        let clock = Clock::manual(Instant::now(), UNIX_EPOCH);
        let settings = DumpSettings {
            max_frames: 1,
            max_symbol_bytes: 0,
        };
        let limits = DumpLimits::new(clock.clone(), Duration::from_secs(5), settings);
        let batch = limits.shortened(Duration::from_secs(1));
        assert_eq!(batch.time_left(), Duration::from_secs(1));
        clock.advance(Duration::from_millis(4500));
        assert!(batch.is_exceeded() && !limits.is_exceeded());
        let last = limits.shortened(Duration::from_secs(1));
        assert_eq!(last.time_left(), Duration::from_millis(500));
    }
}
