//! The settings of a periodic thread.

use std::time::Duration;

use super::criticality::Criticality;

/// When a periodic thread runs and what counts as a fault. Begin with
/// [`DEFAULT`](Self::DEFAULT); each field has a method `with_*`.
///
/// ```
/// use admin_runtime::periodic::{Criticality, Schedule, Settings};
/// use std::time::Duration;
///
/// const EVERY_MINUTE: Settings =
///     Settings::DEFAULT.with_level(Criticality::High).with_interval(Duration::from_secs(60));
/// assert_eq!(EVERY_MINUTE.effective_timeout(), Duration::from_secs(180));
///
/// const CAREFUL: Settings = EVERY_MINUTE
///     .with_init_wait(Duration::from_secs(5))
///     .with_jitter(Duration::from_secs(1))
///     .with_timeout(Duration::from_secs(90))
///     .with_schedule(Schedule::FixedRate)
///     .with_failures(5)
///     .with_backoff(Duration::from_secs(600));
/// assert_eq!(CAREFUL.effective_timeout(), Duration::from_secs(90));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// How much depends on it. Default medium.
    pub level: Criticality,
    /// The time between two runs, measured as `schedule` says. Default 10 s.
    pub interval: Duration,
    /// The time between the start and the first run. Default none.
    pub init_wait: Duration,
    /// The longest random addition to each delay. Default none.
    pub jitter: Duration,
    /// A run that takes longer is `stuck`; it is not interrupted. Default three intervals, at
    /// least 30 s.
    pub timeout: Option<Duration>,
    /// What the interval is measured from. Default fixed delay.
    pub schedule: Schedule,
    /// The number of consecutive failures after which it is `failing`. Default 3.
    pub failures: u32,
    /// The longest delay while it is failing: each further failure doubles the delay up to this.
    /// Default none: the interval stays.
    pub backoff: Option<Duration>,
}

/// What an interval is measured from.
///
/// With an interval of 10 s, runs of 3 s begin every 13 s with a fixed delay and every 10 s at a
/// fixed rate.
///
/// ```
/// use admin_runtime::periodic::{Schedule, Settings};
///
/// assert_eq!(Settings::DEFAULT.schedule, Schedule::FixedDelay);
/// assert_ne!(Settings::DEFAULT.with_schedule(Schedule::FixedRate), Settings::DEFAULT);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// From the end of a run to the beginning of the next.
    #[default]
    FixedDelay,
    /// Slot k begins k intervals after the first run was due. Slots that pass during a run are
    /// skipped, not made up for.
    FixedRate,
}

/// The shortest timeout that follows from an interval.
const MIN_DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A longer period is a mistake of units.
const MAX_PERIOD: Duration = Duration::from_secs(366 * 86_400);

impl Settings {
    /// The settings of an attribute without any key.
    pub const DEFAULT: Self = Self {
        level: Criticality::Medium,
        interval: Duration::from_secs(10),
        init_wait: Duration::ZERO,
        jitter: Duration::ZERO,
        timeout: None,
        schedule: Schedule::FixedDelay,
        failures: 3,
        backoff: None,
    };

    /// Sets how much depends on it.
    #[must_use]
    pub const fn with_level(mut self, level: Criticality) -> Self {
        self.level = level;
        self
    }

    /// Sets the time between two runs.
    #[must_use]
    pub const fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the time between the start and the first run.
    #[must_use]
    pub const fn with_init_wait(mut self, init_wait: Duration) -> Self {
        self.init_wait = init_wait;
        self
    }

    /// Sets the longest random addition to each delay.
    #[must_use]
    pub const fn with_jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the time after which a run is stuck.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets what the interval is measured from.
    #[must_use]
    pub const fn with_schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Sets the number of consecutive failures after which it is failing.
    #[must_use]
    pub const fn with_failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// Sets the longest delay while it is failing.
    #[must_use]
    pub const fn with_backoff(mut self, backoff: Duration) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// The `timeout`, or the default that follows from the interval.
    #[must_use]
    pub fn effective_timeout(&self) -> Duration {
        self.timeout
            .unwrap_or_else(|| self.interval.saturating_mul(3).max(MIN_DEFAULT_TIMEOUT))
    }

    /// Checks what the attribute checks at compile time.
    pub(super) fn check(&self) -> Result<(), String> {
        let durations = [
            ("interval", self.interval, true),
            ("init_wait", self.init_wait, false),
            ("jitter", self.jitter, false),
            ("timeout", self.timeout.unwrap_or(self.interval), true),
            ("backoff", self.backoff.unwrap_or(self.interval), true),
        ];
        for (name, duration, above_zero) in durations {
            if above_zero && duration.is_zero() {
                return Err(format!("the {name} is zero: it must be above zero"));
            }
            if duration > MAX_PERIOD {
                return Err(format!("the {name} is {duration:?}: at most 366 days"));
            }
        }
        if self.failures == 0 {
            return Err("failures is 0: it must be at least 1".to_owned());
        }
        if let Some(backoff) = self.backoff.filter(|backoff| *backoff < self.interval) {
            let interval = self.interval;
            return Err(format!(
                "the backoff {backoff:?} is shorter than the interval {interval:?}: it is the longest delay"
            ));
        }
        if self.schedule == Schedule::FixedRate && self.jitter >= self.interval {
            return Err(
                "with a fixed rate the jitter must be shorter than the interval".to_owned(),
            );
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_timeout_is_three_intervals() {
        let timeout = |interval| {
            Settings::DEFAULT
                .with_interval(interval)
                .effective_timeout()
        };
        assert_eq!(timeout(Duration::from_millis(100)), Duration::from_secs(30));
        assert_eq!(timeout(Duration::from_secs(60)), Duration::from_secs(180));
    }

    #[test]
    fn invalid_settings_are_refused_with_a_reason() {
        let valid = Settings::DEFAULT;
        assert_eq!(valid.check(), Ok(()));
        let second = Duration::from_secs(1);
        for (invalid, word) in [
            (valid.with_interval(Duration::ZERO), "interval"),
            (valid.with_interval(Duration::MAX), "at most 366 days"),
            (valid.with_timeout(Duration::ZERO), "timeout"),
            (valid.with_init_wait(Duration::MAX), "init_wait"),
            (valid.with_failures(0), "failures"),
            (valid.with_backoff(second), "backoff"),
            (
                valid
                    .with_schedule(Schedule::FixedRate)
                    .with_jitter(valid.interval),
                "jitter",
            ),
        ] {
            let error = invalid.check().unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
