//! What a request asks for.

use std::time::Duration;

use crate::threads::Query;

/// Profiles of one process at the same time.
pub(super) const MAX_SESSIONS: u32 = 4;

/// Frames of one stack that are kept.
pub(super) const MAX_FRAMES: usize = crate::threads::MAX_FRAMES;

/// Memory for names, files and lines of one profile.
pub(super) const MAX_SYMBOL_BYTES: u64 = 32 << 20;

/// Which time of a thread is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SampledTime {
    Cpu,
    WallClock(SampledState),
}

/// Which threads a wall-clock profile samples at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SampledState {
    #[default]
    All,
    Waiting,
    Running,
}

impl SampledTime {
    pub(super) fn samples_running(self) -> bool {
        self != Self::WallClock(SampledState::Waiting)
    }

    pub(super) fn samples_waiting(self) -> bool {
        matches!(
            self,
            Self::WallClock(SampledState::All | SampledState::Waiting)
        )
    }
}

/// What becomes of a profile that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProfileProgress {
    Continue,
    /// Its time is over now: the server stops.
    EndEarly,
    /// Nobody wants it.
    Cancel,
}

/// A profile that is to be made.
#[derive(Clone, Debug)]
pub(super) struct ProfileSettings {
    pub(super) time: SampledTime,
    pub(super) duration: Duration,
    /// Samples of a thread in a second of its time.
    pub(super) frequency: u32,
    pub(super) threads: Query,
    /// Whether threads of one pool are counted together.
    pub(super) group: bool,
    /// Directories that are removed from the paths of source files.
    pub(super) build_roots: Vec<String>,
}

impl ProfileSettings {
    /// Time between two samples of a thread, in nanoseconds.
    pub(super) fn period(&self) -> u64 {
        1_000_000_000 / u64::from(self.frequency.max(1))
    }
}
