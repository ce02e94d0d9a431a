//! The state of a periodic thread, as routes and metrics show it.

use std::fmt;

use serde::{Serialize, Serializer};

/// The worst fault of a periodic thread, or the step of its life cycle if there is none.
///
/// ```
/// use admin_runtime::periodic::ThreadState;
///
/// let (busy, paused, stuck) = (ThreadState::Running, ThreadState::Paused, ThreadState::Stuck);
/// assert_eq!([busy, paused, stuck].map(ThreadState::as_str), ["running", "paused", "stuck"]);
/// assert_eq!([busy, paused, stuck].map(ThreadState::is_active), [true, false, false]);
/// assert_eq!([busy, paused, stuck].map(ThreadState::is_fault), [false, false, true]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThreadState {
    /// The loop is about to begin.
    Starting,
    /// Between two runs.
    Waiting,
    /// Inside a run.
    Running,
    /// No run begins until it is resumed, whether the last ones failed or not.
    Paused,
    /// Asked to stop, inside its last run.
    Stopping,
    /// Never started, or stopped.
    Stopped,
    /// A run was due more than two intervals ago.
    Overdue,
    /// As many runs in a row failed as the settings allow.
    Failing,
    /// A run exceeds its timeout.
    Stuck,
    /// The loop ended without a request to stop.
    Dead,
}

impl ThreadState {
    /// The word on the wire: `waiting`, `stuck`, ...
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Overdue => "overdue",
            Self::Failing => "failing",
            Self::Stuck => "stuck",
            Self::Dead => "dead",
        }
    }

    /// Whether it is starting, waiting or running, without a fault.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Waiting | Self::Running)
    }

    /// Whether it is a fault and not a step of the life cycle.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        matches!(
            self,
            Self::Overdue | Self::Failing | Self::Stuck | Self::Dead
        )
    }
}

impl fmt::Display for ThreadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ThreadState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
