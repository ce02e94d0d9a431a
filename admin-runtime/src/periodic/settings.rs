//! What is said about a periodic thread before it runs.

use std::time::Duration;

use super::Level;

/// When a periodic thread runs and what counts as trouble.
///
/// ```
/// use admin_runtime::{Level, PeriodicSettings};
/// use std::time::Duration;
///
/// const EVERY_MINUTE: PeriodicSettings =
///     PeriodicSettings { level: Level::High, interval: Duration::from_secs(60), ..PeriodicSettings::DEFAULT };
/// assert_eq!(EVERY_MINUTE.effective_timeout(), Duration::from_secs(180));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodicSettings {
    /// How much depends on it. Default medium.
    pub level: Level,
    /// The time between two runs, as `schedule` means it. Default 10 s.
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
    /// The consecutive failures after which it counts as `failing`. Default 3.
    pub failures: u32,
    /// The longest delay while it is failing: each further failure doubles the delay up to this.
    /// Default none, the interval stays.
    pub backoff: Option<Duration>,
}

/// What an interval is measured from.
///
/// With an interval of 10 s, runs of 3 s begin every 13 s with a fixed delay and every 10 s at a
/// fixed rate.
///
/// ```
/// use admin_runtime::{PeriodicSettings, Schedule};
///
/// assert_eq!(PeriodicSettings::DEFAULT.schedule, Schedule::FixedDelay);
/// let sampler = PeriodicSettings { schedule: Schedule::FixedRate, ..PeriodicSettings::DEFAULT };
/// assert_ne!(sampler, PeriodicSettings::DEFAULT);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    /// From the end of a run to the beginning of the next.
    #[default]
    FixedDelay,
    /// Slot k begins k intervals after the first run was due. Slots that pass during a run are
    /// skipped, never made up for.
    FixedRate,
}

/// A run may always take this long before it counts as stuck, however short the interval.
const SHORTEST_DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Beyond a leap year a period is a mistake of units.
pub(crate) const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl PeriodicSettings {
    /// What an attribute without any key means.
    pub const DEFAULT: Self = Self {
        level: Level::Medium,
        interval: Duration::from_secs(10),
        init_wait: Duration::ZERO,
        jitter: Duration::ZERO,
        timeout: None,
        schedule: Schedule::FixedDelay,
        failures: 3,
        backoff: None,
    };

    /// The `timeout`, or the default that follows from the interval.
    #[must_use]
    pub fn effective_timeout(&self) -> Duration {
        self.timeout.unwrap_or_else(|| {
            self.interval
                .saturating_mul(3)
                .max(SHORTEST_DEFAULT_TIMEOUT)
        })
    }

    /// What is wrong, if anything. The attribute finds the same while the program compiles.
    pub(crate) fn check(&self) -> Result<(), String> {
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
            if duration > LONGEST {
                return Err(format!("the {name} is {duration:?}: at most 366 days"));
            }
        }
        if self.failures == 0 {
            return Err("failures is 0: it fails after at least 1".to_owned());
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

impl Default for PeriodicSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_timeout_is_three_intervals_and_never_short() {
        let of = |millis| {
            PeriodicSettings {
                interval: Duration::from_millis(millis),
                ..PeriodicSettings::DEFAULT
            }
            .effective_timeout()
        };
        assert_eq!(of(100), Duration::from_secs(30));
        assert_eq!(of(60_000), Duration::from_secs(180));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let ok = PeriodicSettings::DEFAULT;
        assert_eq!(ok.check(), Ok(()));
        let (zero, second) = (Duration::ZERO, Duration::from_secs(1));
        for (wrong, word) in [
            (
                PeriodicSettings {
                    interval: zero,
                    ..ok
                },
                "interval",
            ),
            (
                PeriodicSettings {
                    interval: Duration::MAX,
                    ..ok
                },
                "at most 366 days",
            ),
            (
                PeriodicSettings {
                    timeout: Some(zero),
                    ..ok
                },
                "timeout",
            ),
            (
                PeriodicSettings {
                    init_wait: Duration::MAX,
                    ..ok
                },
                "init_wait",
            ),
            (PeriodicSettings { failures: 0, ..ok }, "failures"),
            (
                PeriodicSettings {
                    backoff: Some(second),
                    ..ok
                },
                "backoff",
            ),
            (
                PeriodicSettings {
                    schedule: Schedule::FixedRate,
                    jitter: ok.interval,
                    ..ok
                },
                "jitter",
            ),
        ] {
            let error = wrong.check().unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
