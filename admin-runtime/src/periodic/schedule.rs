//! When the next run is due: arithmetic on moments, without a clock.

use std::time::Duration;

use super::settings::{Schedule, Settings};

/// A moment on a monotonic clock, as the time since a server's periodic threads were created.
pub(crate) type Moment = Duration;

/// What a schedule keeps from the start of its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// When slot 0 is due: the start plus `init_wait`.
    pub(super) origin: Moment,
    /// Makes this thread's jitter differ from that of others.
    pub(super) seed: u64,
}

/// A run that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FinishedRun {
    pub(super) began: Moment,
    pub(super) ended: Moment,
    /// Its number from 1, which picks its jitter.
    pub(super) number: u64,
    pub(super) consecutive_failures: u32,
}

impl Plan {
    /// When the first run is due.
    pub(super) fn first(self, settings: &Settings) -> Moment {
        self.origin
            .saturating_add(jitter(self.seed, 0, settings.jitter))
    }

    /// When the run after this one is due.
    pub(super) fn next(self, settings: &Settings, run: FinishedRun) -> Moment {
        let delay = delay(settings, run.consecutive_failures);
        let base = match settings.schedule {
            Schedule::FixedDelay => run.ended.saturating_add(delay),
            Schedule::FixedRate => {
                let earliest = run
                    .ended
                    .saturating_add(delay.saturating_sub(settings.interval));
                slot(self.origin, settings.interval, run.began, earliest)
            }
        };
        base.saturating_add(jitter(self.seed, run.number, settings.jitter))
    }
}

/// The interval; while failing twice that, then twice again with each failure, up to the back-off.
fn delay(settings: &Settings, consecutive_failures: u32) -> Duration {
    let Some(longest) = settings
        .backoff
        .filter(|_| consecutive_failures >= settings.failures)
    else {
        return settings.interval;
    };
    let doublings = consecutive_failures - settings.failures + 1;
    let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
    settings.interval.saturating_mul(factor).min(longest)
}

/// The first slot that is after `after` and not before `earliest`.
fn slot(origin: Moment, interval: Duration, after: Moment, earliest: Moment) -> Moment {
    let length = interval.as_nanos().max(1);
    let strictly_after = match after.checked_sub(origin) {
        Some(since) => since.as_nanos() / length + 1,
        None => 0,
    };
    let not_before = earliest.saturating_sub(origin).as_nanos().div_ceil(length);
    let offset = strictly_after.max(not_before).saturating_mul(length);
    origin.saturating_add(Duration::from_nanos(
        u64::try_from(offset).unwrap_or(u64::MAX),
    ))
}

/// A uniform value from zero to the longest, by the SplitMix64 generator (Steele, Lea, Flood 2014).
fn jitter(seed: u64, number: u64, longest: Duration) -> Duration {
    if longest.is_zero() {
        return Duration::ZERO;
    }
    let mut z = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let longest = longest.as_nanos().min(u128::from(u64::MAX));
    let part = (u128::from(z) * (longest + 1)) >> 64;
    Duration::from_nanos(u64::try_from(part).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn settings(schedule: Schedule) -> Settings {
        Settings::DEFAULT
            .with_interval(ms(100))
            .with_schedule(schedule)
    }

    fn run(began: u64, ended: u64) -> FinishedRun {
        FinishedRun {
            began: ms(began),
            ended: ms(ended),
            number: 1,
            consecutive_failures: 0,
        }
    }

    const PLAN: Plan = Plan {
        origin: Duration::from_millis(1000),
        seed: 7,
    };

    #[test]
    fn fixed_delay_counts_from_the_end() {
        let settings = settings(Schedule::FixedDelay);
        assert_eq!(PLAN.first(&settings), ms(1000));
        assert_eq!(PLAN.next(&settings, run(1000, 1030)), ms(1130));
        assert_eq!(PLAN.next(&settings, run(1000, 2000)), ms(2100));
    }

    #[test]
    fn fixed_rate_keeps_to_its_slots() {
        let settings = settings(Schedule::FixedRate);
        for (began, ended, due) in [
            (1000, 1000, 1100), // no time at all: the slot is used up
            (1007, 1030, 1100), // late, and the next slot is not
            (1000, 1100, 1100), // ends on the next slot
            (1000, 1101, 1200), // slot 1 passed during the run
            (1000, 1950, 2000), // so did many
            (900, 910, 1000),   // requested before the first slot
            (1050, 1060, 1100), // woken between two slots
        ] {
            assert_eq!(
                PLAN.next(&settings, run(began, ended)),
                ms(due),
                "{began}..{ended}"
            );
        }
    }

    #[test]
    fn backoff_begins_when_failing_and_doubles() {
        let settings = settings(Schedule::FixedDelay)
            .with_failures(3)
            .with_backoff(ms(450));
        let delays = [0, 1, 2, 3, 4, 5, 40, u32::MAX].map(|failures| {
            let run = FinishedRun {
                consecutive_failures: failures,
                ..run(1000, 1000)
            };
            PLAN.next(&settings, run) - ms(1000)
        });
        assert_eq!(delays, [100, 100, 100, 200, 400, 450, 450, 450].map(ms));
    }

    #[test]
    fn extreme_durations_do_not_overflow() {
        let settings = settings(Schedule::FixedRate).with_interval(Duration::MAX);
        let run = FinishedRun {
            ended: Duration::MAX,
            ..run(0, 0)
        };
        assert!(PLAN.next(&settings, run) >= PLAN.origin);
        let settings = settings.with_schedule(Schedule::FixedDelay);
        assert_eq!(PLAN.next(&settings, run), Duration::MAX);
    }

    proptest! {
        #[test]
        fn slots_never_drift(
            interval in 1u64..10_000, lateness in 0u64..5_000, length in 0u64..50_000, origin in 0u64..10_000,
        ) {
            let settings = settings(Schedule::FixedRate).with_interval(ms(interval));
            let plan = Plan { origin: ms(origin), seed: 1 };
            let mut due = plan.first(&settings);
            for number in 1..50 {
                let began = due + ms(lateness);
                let ended = began + ms(length);
                let next = plan.next(&settings, FinishedRun { began, ended, number, consecutive_failures: 0 });
                prop_assert_eq!((next - plan.origin).as_millis() % u128::from(interval), 0);
                prop_assert!(next > began && next >= ended && next < ended + 2 * settings.interval);
                due = next;
            }
        }

        #[test]
        fn jitter_only_adds_and_is_bounded(seed: u64, number in 1u64..1_000_000, longest in 0u64..100_000) {
            let settings = settings(Schedule::FixedDelay).with_jitter(ms(longest));
            let run = FinishedRun { number, ..run(0, 0) };
            let added = Plan { origin: ms(0), seed }.next(&settings, run) - settings.interval;
            prop_assert!(added <= ms(longest));
        }

        #[test]
        fn jitter_differs_from_run_to_run(seed: u64) {
            let values: std::collections::HashSet<_> =
                (0..100).map(|number| jitter(seed, number, Duration::from_secs(1))).collect();
            prop_assert!(values.len() > 90);
        }
    }
}
