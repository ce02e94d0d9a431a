//! The clock of a server's periodic threads, with moments as plain durations.

use std::time::{Duration, Instant, SystemTime};

use super::schedule::Moment;
use crate::clock::Clock;

/// A clock and the instant at which its moments begin: schedules can then add without overflow.
#[derive(Debug)]
pub(crate) struct Timeline {
    clock: Clock,
    epoch: Instant,
}

impl Timeline {
    pub(crate) fn new(clock: Clock) -> Self {
        let epoch = clock.now();
        Self { clock, epoch }
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now().saturating_duration_since(self.epoch)
    }

    pub(crate) fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    /// How long to sleep for that moment; `None` to sleep until woken.
    pub(crate) fn time_until(&self, moment: Moment) -> Option<Duration> {
        let deadline = self.epoch.checked_add(moment)?;
        self.clock.time_until(deadline)
    }
}
