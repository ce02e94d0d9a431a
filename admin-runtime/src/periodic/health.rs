//! The state of one thread: a pure function of its settings, its life cycle and the time.

use std::time::Duration;

use super::life::{LifeCycle, Phase};
use super::schedule::Moment;
use super::settings::Settings;
use super::state::ThreadState;

/// The worst of dead, stuck, failing and overdue, else the step of the life cycle. Between its runs a
/// paused thread is neither failing nor overdue: its owner knows that it does not run.
pub(super) fn current_state(settings: &Settings, life: &LifeCycle, now: Moment) -> ThreadState {
    let phase = life.phase();
    let step = match phase {
        Phase::Dead => return ThreadState::Dead,
        Phase::Stopped => return ThreadState::Stopped,
        Phase::Running { since } if now.saturating_sub(since) > settings.effective_timeout() => {
            return ThreadState::Stuck;
        }
        _ if life.stop_requested() => ThreadState::Stopping,
        Phase::Running { .. } => ThreadState::Running,
        _ if life.is_paused() => ThreadState::Paused,
        Phase::Starting { .. } => ThreadState::Starting,
        Phase::Waiting { .. } => ThreadState::Waiting,
    };
    if step != ThreadState::Paused && life.consecutive_failures >= settings.failures {
        return ThreadState::Failing;
    }
    match phase {
        Phase::Starting { due } | Phase::Waiting { due }
            if !life.is_paused() && now > due.saturating_add(max_lateness(settings)) =>
        {
            ThreadState::Overdue
        }
        _ => step,
    }
}

/// The last moment at which the state is still the present one, unless an event changes it before.
pub(super) fn state_valid_until(settings: &Settings, life: &LifeCycle) -> Option<Moment> {
    match life.phase() {
        Phase::Starting { due } | Phase::Waiting { due } if !life.is_paused() => {
            Some(due.saturating_add(max_lateness(settings)))
        }
        Phase::Running { since } => Some(since.saturating_add(settings.effective_timeout())),
        _ => None,
    }
}

/// The earliest moment at which the thread can have a fault, whatever events come: the next run
/// begins at the earliest when it is due, and is stuck at the earliest a timeout later.
pub(super) fn next_check_at(settings: &Settings, life: &LifeCycle) -> Option<Moment> {
    let valid_until = state_valid_until(settings, life)?;
    match life.phase() {
        Phase::Starting { due } | Phase::Waiting { due } => {
            Some(valid_until.min(due.saturating_add(settings.effective_timeout())))
        }
        _ => Some(valid_until),
    }
}

/// How late a run may begin.
fn max_lateness(settings: &Settings) -> Duration {
    settings.interval.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::life::{NextStep, RunVerdict};
    use super::super::settings::Schedule;
    use super::*;

    fn ms(millis: u64) -> Moment {
        Duration::from_millis(millis)
    }

    const EVERY_100_MS: Settings = Settings::DEFAULT.with_interval(Duration::from_millis(100));

    fn started() -> LifeCycle {
        let mut life = LifeCycle::new(1);
        life.start(&EVERY_100_MS, ms(0));
        life.next_step(ms(0));
        life
    }

    fn run(life: &mut LifeCycle, from: u64, to: u64, verdict: RunVerdict) {
        life.begin(ms(from));
        life.finish(&EVERY_100_MS, verdict, ms(to));
    }

    #[test]
    fn each_history_has_its_state() {
        type Story = fn(&mut LifeCycle);
        let table: &[(&str, Story, u64, ThreadState)] = &[
            ("due and not begun", |_| {}, 0, ThreadState::Waiting),
            ("two intervals late", |_| {}, 200, ThreadState::Waiting),
            (
                "later than two intervals",
                |_| {},
                201,
                ThreadState::Overdue,
            ),
            (
                "a second inside a run",
                |life| life.begin(ms(0)),
                1_000,
                ThreadState::Running,
            ),
            (
                "at its timeout",
                |life| life.begin(ms(0)),
                30_000,
                ThreadState::Running,
            ),
            (
                "past its timeout",
                |life| life.begin(ms(0)),
                30_001,
                ThreadState::Stuck,
            ),
            (
                "two failures",
                |life| (0..2).for_each(|_| run(life, 0, 0, RunVerdict::Failure)),
                1,
                ThreadState::Waiting,
            ),
            (
                "three failures",
                |life| (0..3).for_each(|_| run(life, 0, 0, RunVerdict::Failure)),
                1,
                ThreadState::Failing,
            ),
            (
                "three failures, inside the fourth run",
                |life| {
                    (0..3).for_each(|_| run(life, 0, 0, RunVerdict::Failure));
                    life.begin(ms(100));
                },
                101,
                ThreadState::Failing,
            ),
            (
                "failing and stuck: the worse counts",
                |life| {
                    (0..3).for_each(|_| run(life, 0, 0, RunVerdict::Failure));
                    life.begin(ms(100));
                },
                40_000,
                ThreadState::Stuck,
            ),
            (
                "a success ends failing",
                |life| {
                    (0..9).for_each(|_| run(life, 0, 0, RunVerdict::Failure));
                    run(life, 0, 0, RunVerdict::Success);
                },
                1,
                ThreadState::Waiting,
            ),
            (
                "paused is never overdue",
                |life| assert!(life.pause()),
                99_999,
                ThreadState::Paused,
            ),
            (
                "paused while it fails",
                |life| {
                    (0..3).for_each(|_| run(life, 0, 0, RunVerdict::Failure));
                    assert!(life.pause());
                },
                99_999,
                ThreadState::Paused,
            ),
            (
                "paused and resumed while it fails",
                |life| {
                    (0..3).for_each(|_| run(life, 0, 0, RunVerdict::Failure));
                    assert!(life.pause() && life.resume(ms(5)));
                },
                6,
                ThreadState::Failing,
            ),
            (
                "asked to stop inside a run",
                |life| {
                    life.begin(ms(0));
                    assert!(life.request_stop());
                },
                10,
                ThreadState::Stopping,
            ),
            (
                "asked to stop inside a run that hangs",
                |life| {
                    life.begin(ms(0));
                    assert!(life.request_stop());
                },
                30_001,
                ThreadState::Stuck,
            ),
            (
                "a fatal error",
                |life| {
                    run(life, 0, 0, RunVerdict::Fatal);
                    life.end();
                },
                1,
                ThreadState::Dead,
            ),
            (
                "stopped",
                |life| {
                    assert!(life.request_stop());
                    life.end();
                },
                99_999,
                ThreadState::Stopped,
            ),
        ];
        for (name, story, now, expected) in table {
            let mut life = started();
            story(&mut life);
            assert_eq!(
                current_state(&EVERY_100_MS, &life, ms(*now)),
                *expected,
                "{name}"
            );
        }
        assert_eq!(
            current_state(&EVERY_100_MS, &LifeCycle::new(1), ms(5)),
            ThreadState::Stopped,
            "never started"
        );
    }

    #[test]
    fn only_starting_waiting_and_running_are_active() {
        use ThreadState::*;
        assert!(
            [Starting, Waiting, Running]
                .iter()
                .all(|state| state.is_active())
        );
        for state in [Paused, Stopping, Stopped, Overdue, Failing, Stuck, Dead] {
            assert!(!state.is_active(), "{state}");
        }
    }

    proptest! {
        /// Runs of any length below the timeout never flip health, whenever one looks.
        #[test]
        fn runs_below_the_timeout_are_healthy(
            lengths in proptest::collection::vec(0u64..30_000, 1..20),
            lateness in 0u64..200,
            fixed_rate: bool,
            look in 0u64..100,
        ) {
            let settings = Settings {
                schedule: if fixed_rate { Schedule::FixedRate } else { Schedule::FixedDelay },
                ..EVERY_100_MS
            };
            let mut life = LifeCycle::new(1);
            life.start(&settings, ms(0));
            let mut now = ms(0);
            for length in lengths {
                while let NextStep::SleepUntil(due) = life.next_step(now) {
                    prop_assert!(current_state(&settings, &life, now + (due - now) * u32::try_from(look).unwrap() / 100).is_active());
                    now = due;
                }
                now += ms(lateness);
                prop_assert!(current_state(&settings, &life, now).is_active());
                life.begin(now);
                for part in 0..=10u64 {
                    prop_assert!(current_state(&settings, &life, now + ms(length * part / 10)).is_active());
                }
                now += ms(length);
                life.finish(&settings, RunVerdict::Success, now);
                prop_assert!(current_state(&settings, &life, now).is_active());
            }
        }

        /// Without an event the state lasts exactly as long as predicted.
        #[test]
        fn predicted_moments_are_exact(
            interval in 1u64..1000, timeout in 1u64..1000, running: bool, ahead in 0u64..5000,
        ) {
            let settings = Settings {
                interval: ms(interval), timeout: Some(ms(timeout)), ..Settings::DEFAULT
            };
            let mut life = LifeCycle::new(1);
            life.start(&settings, ms(0));
            life.next_step(ms(0));
            if running {
                life.begin(ms(0));
            }
            let valid_until = state_valid_until(&settings, &life).unwrap();
            prop_assert!(next_check_at(&settings, &life).unwrap() <= valid_until);
            prop_assert!(current_state(&settings, &life, ms(ahead).min(valid_until)).is_active());
            prop_assert!(current_state(&settings, &life, valid_until + ms(1)).is_fault());
        }
    }
}
