//! The only reader of clocks among the periodic threads.

use std::time::{Duration, Instant, SystemTime};

use super::schedule::Moment;

/// A monotonic clock, which decides; and the wall clock, which is only shown.
#[derive(Debug)]
pub(super) enum Clock {
    /// The system's clocks; moments count from this one's making.
    System(Instant),
    /// Clocks that stand still until a test moves them.
    #[cfg(test)]
    Manual(std::sync::Mutex<(Moment, SystemTime)>),
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub(super) fn system() -> Self {
        Self::System(Instant::now())
    }

    pub(super) fn now(&self) -> Moment {
        match self {
            Self::System(epoch) => epoch.elapsed(),
            #[cfg(test)]
            Self::Manual(clocks) => clocks.lock().unwrap().0,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub(super) fn wall(&self) -> SystemTime {
        match self {
            Self::System(_) => SystemTime::now(),
            #[cfg(test)]
            Self::Manual(clocks) => clocks.lock().unwrap().1,
        }
    }

    /// How long to sleep for that moment; `None` where only a nudge ends the sleep.
    pub(super) fn until(&self, moment: Moment) -> Option<Duration> {
        match self {
            Self::System(_) => Some(moment.saturating_sub(self.now())),
            #[cfg(test)]
            Self::Manual(_) => None,
        }
    }
}
