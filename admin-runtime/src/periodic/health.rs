//! The verdict on one thread: a pure function of settings, life and now.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::life::{Life, Phase};
use super::schedule::Moment;
use super::settings::PeriodicSettings;

/// What a periodic thread is doing, or the worst that is wrong with it.
///
/// ```
/// use admin_runtime::PeriodicState;
///
/// let (busy, paused, stuck) = (PeriodicState::Running, PeriodicState::Paused, PeriodicState::Stuck);
/// assert_eq!([busy, paused, stuck].map(PeriodicState::as_str), ["running", "paused", "stuck"]);
/// assert_eq!([busy, paused, stuck].map(PeriodicState::is_active), [true, false, false]);
/// assert_eq!([busy, paused, stuck].map(PeriodicState::is_verdict), [false, false, true]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeriodicState {
    /// Its loop is about to begin.
    Starting,
    /// Between two runs.
    Waiting,
    /// Inside a run.
    Running,
    /// No run begins until it is resumed.
    Paused,
    /// Asked to stop, inside its last run.
    Stopping,
    /// Never started, or stopped.
    Stopped,
    /// A run should have begun more than two intervals ago.
    Overdue,
    /// The last runs all failed.
    Failing,
    /// A run takes longer than its timeout.
    Stuck,
    /// The loop has ended and nobody asked for that.
    Dead,
}

impl PeriodicState {
    /// The word that routes show: `waiting`, `stuck`, ...
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

    /// Whether the thread does what it is there for.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Waiting | Self::Running)
    }

    /// Whether it is something wrong rather than a step of the life cycle.
    #[must_use]
    pub const fn is_verdict(self) -> bool {
        matches!(
            self,
            Self::Overdue | Self::Failing | Self::Stuck | Self::Dead
        )
    }
}

impl std::fmt::Display for PeriodicState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PeriodicState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The worst of dead, stuck, failing and overdue, else the step of the life cycle.
pub(super) fn state(settings: &PeriodicSettings, life: &Life, now: Moment) -> PeriodicState {
    let phase = life.phase();
    let step = match phase {
        Phase::Dead => return PeriodicState::Dead,
        Phase::Stopped => return PeriodicState::Stopped,
        Phase::Running { since } if now.saturating_sub(since) > settings.effective_timeout() => {
            return PeriodicState::Stuck;
        }
        Phase::Running { .. } if life.stop_requested() => PeriodicState::Stopping,
        _ if life.stop_requested() => PeriodicState::Stopping,
        Phase::Running { .. } => PeriodicState::Running,
        _ if life.is_paused() => PeriodicState::Paused,
        Phase::Starting { .. } => PeriodicState::Starting,
        Phase::Waiting { .. } => PeriodicState::Waiting,
    };
    if life.consecutive_failures >= settings.failures {
        return PeriodicState::Failing;
    }
    match phase {
        Phase::Starting { due } | Phase::Waiting { due }
            if !life.is_paused() && now > due.saturating_add(grace(settings)) =>
        {
            PeriodicState::Overdue
        }
        _ => step,
    }
}

/// The last moment of the present verdict, if no event comes before.
pub(super) fn turning(settings: &PeriodicSettings, life: &Life) -> Option<Moment> {
    match life.phase() {
        Phase::Starting { due } | Phase::Waiting { due } if !life.is_paused() => {
            Some(due.saturating_add(grace(settings)))
        }
        Phase::Running { since } => Some(since.saturating_add(settings.effective_timeout())),
        _ => None,
    }
}

/// The last moment before which nothing can go wrong, whatever events come: the next run begins at
/// the earliest when it is due, and is stuck at the earliest a timeout later.
pub(super) fn attention(settings: &PeriodicSettings, life: &Life) -> Option<Moment> {
    let turning = turning(settings, life)?;
    match life.phase() {
        Phase::Starting { due } | Phase::Waiting { due } => {
            Some(turning.min(due.saturating_add(settings.effective_timeout())))
        }
        _ => Some(turning),
    }
}

/// How late a run may begin.
fn grace(settings: &PeriodicSettings) -> Duration {
    settings.interval.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::life::{Step, Verdict};
    use super::*;

    fn ms(millis: u64) -> Moment {
        Duration::from_millis(millis)
    }

    const TENTH: PeriodicSettings = PeriodicSettings {
        interval: Duration::from_millis(100),
        ..PeriodicSettings::DEFAULT
    };

    fn started() -> Life {
        let mut life = Life::new(1);
        life.start(&TENTH, ms(0));
        life.step(ms(0));
        life
    }

    fn run(life: &mut Life, from: u64, to: u64, verdict: Verdict) {
        life.begin(ms(from));
        life.finish(&TENTH, verdict, ms(to));
    }

    #[test]
    fn every_state_by_table() {
        type Story = fn(&mut Life);
        let table: &[(&str, Story, u64, PeriodicState)] = &[
            ("due and not begun", |_| {}, 0, PeriodicState::Waiting),
            (
                "at the end of its grace",
                |_| {},
                200,
                PeriodicState::Waiting,
            ),
            ("past its grace", |_| {}, 201, PeriodicState::Overdue),
            (
                "a second inside a run",
                |life| life.begin(ms(0)),
                1_000,
                PeriodicState::Running,
            ),
            (
                "at its timeout",
                |life| life.begin(ms(0)),
                30_000,
                PeriodicState::Running,
            ),
            (
                "past its timeout",
                |life| life.begin(ms(0)),
                30_001,
                PeriodicState::Stuck,
            ),
            (
                "two failures",
                |life| (0..2).for_each(|_| run(life, 0, 0, Verdict::Failure)),
                1,
                PeriodicState::Waiting,
            ),
            (
                "three failures",
                |life| (0..3).for_each(|_| run(life, 0, 0, Verdict::Failure)),
                1,
                PeriodicState::Failing,
            ),
            (
                "three failures, inside the fourth run",
                |life| {
                    (0..3).for_each(|_| run(life, 0, 0, Verdict::Failure));
                    life.begin(ms(100));
                },
                101,
                PeriodicState::Failing,
            ),
            (
                "failing and stuck: the worse counts",
                |life| {
                    (0..3).for_each(|_| run(life, 0, 0, Verdict::Failure));
                    life.begin(ms(100));
                },
                40_000,
                PeriodicState::Stuck,
            ),
            (
                "a success ends failing",
                |life| {
                    (0..9).for_each(|_| run(life, 0, 0, Verdict::Failure));
                    run(life, 0, 0, Verdict::Success);
                },
                1,
                PeriodicState::Waiting,
            ),
            (
                "paused is never overdue",
                |life| assert!(life.pause()),
                99_999,
                PeriodicState::Paused,
            ),
            (
                "asked to stop inside a run",
                |life| {
                    life.begin(ms(0));
                    assert!(life.request_stop());
                },
                10,
                PeriodicState::Stopping,
            ),
            (
                "asked to stop inside a run that hangs",
                |life| {
                    life.begin(ms(0));
                    assert!(life.request_stop());
                },
                30_001,
                PeriodicState::Stuck,
            ),
            (
                "an irrecoverable error",
                |life| {
                    run(life, 0, 0, Verdict::Irrecoverable);
                    life.end();
                },
                1,
                PeriodicState::Dead,
            ),
            (
                "stopped",
                |life| {
                    assert!(life.request_stop());
                    life.end();
                },
                99_999,
                PeriodicState::Stopped,
            ),
        ];
        for (name, story, now, expected) in table {
            let mut life = started();
            story(&mut life);
            assert_eq!(state(&TENTH, &life, ms(*now)), *expected, "{name}");
        }
        assert_eq!(
            state(&TENTH, &Life::new(1), ms(5)),
            PeriodicState::Stopped,
            "never started"
        );
    }

    #[test]
    fn only_the_life_cycle_is_active() {
        use PeriodicState::*;
        let active = [Starting, Waiting, Running];
        for state in [Paused, Stopping, Stopped, Overdue, Failing, Stuck, Dead] {
            assert!(!state.is_active() && !active.contains(&state), "{state}");
        }
        assert!(active.iter().all(|state| state.is_active()));
    }

    proptest! {
        /// Runs of any length below the timeout never flip health, whenever one looks.
        #[test]
        fn long_runs_are_healthy(
            lengths in proptest::collection::vec(0u64..30_000, 1..20),
            lateness in 0u64..200,
            fixed_rate: bool,
            look in 0u64..100,
        ) {
            let settings = PeriodicSettings {
                schedule: if fixed_rate { super::super::Schedule::FixedRate } else { super::super::Schedule::FixedDelay },
                ..TENTH
            };
            let mut life = Life::new(1);
            life.start(&settings, ms(0));
            let mut now = ms(0);
            for length in lengths {
                while let Step::SleepUntil(due) = life.step(now) {
                    prop_assert!(state(&settings, &life, now + (due - now) * u32::try_from(look).unwrap() / 100).is_active());
                    now = due;
                }
                now += ms(lateness);
                prop_assert!(state(&settings, &life, now).is_active());
                life.begin(now);
                for part in 0..=10u64 {
                    prop_assert!(state(&settings, &life, now + ms(length * part / 10)).is_active());
                }
                now += ms(length);
                life.finish(&settings, Verdict::Success, now);
                prop_assert!(state(&settings, &life, now).is_active());
            }
        }

        /// Without an event nothing changes until the turning, and then it does.
        #[test]
        fn the_turning_is_exact_and_attention_never_late(
            interval in 1u64..1000, timeout in 1u64..1000, running: bool, ahead in 0u64..5000,
        ) {
            let settings = PeriodicSettings {
                interval: ms(interval), timeout: Some(ms(timeout)), ..PeriodicSettings::DEFAULT
            };
            let mut life = Life::new(1);
            life.start(&settings, ms(0));
            life.step(ms(0));
            if running {
                life.begin(ms(0));
            }
            let turning = turning(&settings, &life).unwrap();
            prop_assert!(attention(&settings, &life).unwrap() <= turning);
            prop_assert!(state(&settings, &life, ms(ahead).min(turning)).is_active());
            prop_assert!(state(&settings, &life, turning + ms(1)).is_verdict());
        }
    }
}
