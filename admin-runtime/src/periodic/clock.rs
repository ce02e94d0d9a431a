//! The only reader of clocks among the periodic threads.

use std::time::{Duration, Instant, SystemTime};

use super::schedule::Moment;

/// A monotonic clock, which decides; and the wall clock, which is only shown.
#[derive(Debug)]
pub(super) enum Clock {
    /// The system's clocks; moments count from this one's making.
    System(Instant),
    /// A clock that stands still until a test moves it.
    #[cfg(test)]
    Manual(std::sync::Mutex<Moment>),
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
            Self::Manual(now) => *now.lock().unwrap(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub(super) fn wall(&self) -> SystemTime {
        SystemTime::now()
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
