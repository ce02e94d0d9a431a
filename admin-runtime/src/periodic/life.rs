//! The life cycle of one periodic thread and its counters: a value without clock or threads.

use std::time::Duration;

use super::schedule::{Ended, Moment, Plan};
use super::settings::PeriodicSettings;

/// Where the loop of a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// There is no loop: never started, or ended as asked.
    Stopped,
    /// There is no loop: it ended of itself.
    Dead,
    /// The loop is about to begin.
    Starting { due: Moment },
    /// Between two runs.
    Waiting { due: Moment },
    /// Inside the body.
    Running { since: Moment },
}

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Run,
    /// Sleep until then, or until something changes.
    SleepUntil(Moment),
    /// Sleep until something changes.
    Sleep,
    End,
}

/// What one run changed, for log and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The first failure after a success.
    pub(super) first_failure: bool,
    /// The first success after that many failures.
    pub(super) recovered_after: Option<u32>,
    /// Longer than the interval.
    pub(super) overrun: bool,
    /// Longer than the interval, and the run before was not.
    pub(super) first_overrun: bool,
}

/// How a run came out, as far as the life cycle is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Success,
    Failure,
    /// The loop ends.
    Irrecoverable,
}

/// One thread's life so far.
#[derive(Clone, Debug)]
pub(super) struct Life {
    phase: Phase,
    plan: Plan,
    stop_requested: bool,
    paused: bool,
    woken: bool,
    fatal: bool,
    last_overran: bool,
    pub(super) runs: u64,
    pub(super) failed_runs: u64,
    pub(super) overruns: u64,
    pub(super) consecutive_failures: u32,
    /// When the last run began.
    pub(super) last_began: Option<Moment>,
}

impl Life {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            phase: Phase::Stopped,
            plan: Plan {
                origin: Duration::ZERO,
                seed,
            },
            stop_requested: false,
            paused: false,
            woken: false,
            fatal: false,
            last_overran: false,
            runs: 0,
            failed_runs: 0,
            overruns: 0,
            consecutive_failures: 0,
            last_began: None,
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(super) fn stop_requested(&self) -> bool {
        self.stop_requested
    }

    /// Whether the thread exists and loops.
    pub(super) fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Stopped | Phase::Dead)
    }

    /// Begins a new life; `false` (and nothing changes) while the old loop still exists.
    pub(super) fn start(&mut self, settings: &PeriodicSettings, now: Moment) -> bool {
        if self.is_running() {
            return false;
        }
        self.plan.origin = now.saturating_add(settings.init_wait);
        self.phase = Phase::Starting {
            due: self.plan.first(settings),
        };
        self.stop_requested = false;
        self.paused = false;
        self.woken = false;
        self.fatal = false;
        self.last_overran = false;
        self.consecutive_failures = 0;
        true
    }

    /// What the loop does at this moment.
    pub(super) fn step(&mut self, now: Moment) -> Step {
        if let Phase::Starting { due } = self.phase {
            self.phase = Phase::Waiting { due };
        }
        match self.phase {
            _ if self.stop_requested || self.fatal => Step::End,
            Phase::Waiting { .. } if self.woken => Step::Run,
            Phase::Waiting { .. } if self.paused => Step::Sleep,
            Phase::Waiting { due } if due <= now => Step::Run,
            Phase::Waiting { due } => Step::SleepUntil(due),
            Phase::Stopped | Phase::Dead | Phase::Starting { .. } | Phase::Running { .. } => {
                Step::End
            }
        }
    }

    pub(super) fn begin(&mut self, now: Moment) {
        self.woken = false;
        self.last_began = Some(now);
        self.phase = Phase::Running { since: now };
    }

    pub(super) fn finish(
        &mut self,
        settings: &PeriodicSettings,
        verdict: Verdict,
        now: Moment,
    ) -> Change {
        let began = match self.phase {
            Phase::Running { since } => since,
            _ => now,
        };
        self.runs += 1;
        let before = self.consecutive_failures;
        if verdict == Verdict::Success {
            self.consecutive_failures = 0;
        } else {
            self.failed_runs += 1;
            self.consecutive_failures = before.saturating_add(1);
        }
        self.fatal = verdict == Verdict::Irrecoverable;
        let overrun = now.saturating_sub(began) > settings.interval;
        self.overruns += u64::from(overrun);
        let first_overrun = overrun && !self.last_overran;
        self.last_overran = overrun;
        let run = Ended {
            began,
            ended: now,
            number: self.runs,
            consecutive_failures: self.consecutive_failures,
        };
        self.phase = Phase::Waiting {
            due: self.plan.next(settings, run),
        };
        Change {
            first_failure: before == 0 && verdict != Verdict::Success,
            recovered_after: (before > 0 && verdict == Verdict::Success).then_some(before),
            overrun,
            first_overrun,
        }
    }

    /// The loop is no more: stopped if that was asked, else dead.
    pub(super) fn end(&mut self) {
        let asked = self.stop_requested && !self.fatal;
        self.phase = if asked { Phase::Stopped } else { Phase::Dead };
        self.stop_requested = false;
        self.paused = false;
        self.woken = false;
    }

    /// Asks the loop to end; whether there is one.
    pub(super) fn request_stop(&mut self) -> bool {
        self.stop_requested = self.is_running();
        self.stop_requested
    }

    /// Asks for one run at once, or right after the present one; whether there is a loop that will.
    pub(super) fn wake(&mut self) -> bool {
        let will = self.is_running() && !self.stop_requested;
        self.woken |= will;
        will
    }

    /// No run begins until resumed, but for [`wake`](Self::wake); whether there is a loop.
    pub(super) fn pause(&mut self) -> bool {
        let can = self.is_running() && !self.stop_requested;
        self.paused |= can;
        can
    }

    /// A run that came due meanwhile is due now; whether there is a loop.
    pub(super) fn resume(&mut self, now: Moment) -> bool {
        let can = self.is_running() && !self.stop_requested;
        if can && std::mem::take(&mut self.paused) {
            match &mut self.phase {
                Phase::Starting { due } | Phase::Waiting { due } => *due = (*due).max(now),
                Phase::Stopped | Phase::Dead | Phase::Running { .. } => {}
            }
        }
        can
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: PeriodicSettings = PeriodicSettings::DEFAULT;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    fn started(settings: &PeriodicSettings) -> Life {
        let mut life = Life::new(1);
        assert!(life.start(settings, at(100)));
        life
    }

    #[test]
    fn runs_by_turns_with_waiting() {
        let mut life = started(&SETTINGS);
        assert_eq!(life.step(at(100)), Step::Run);
        life.begin(at(100));
        life.finish(&SETTINGS, Verdict::Success, at(103));
        assert_eq!(life.step(at(104)), Step::SleepUntil(at(113)));
        assert_eq!(life.step(at(113)), Step::Run);
        assert_eq!((life.runs, life.failed_runs, life.overruns), (1, 0, 0));
    }

    #[test]
    fn a_stop_breaks_the_first_wait_and_no_run_begins() {
        let settings = PeriodicSettings {
            init_wait: at(60),
            ..SETTINGS
        };
        let mut life = started(&settings);
        assert_eq!(life.step(at(100)), Step::SleepUntil(at(160)));
        assert!(life.request_stop());
        assert_eq!(life.step(at(101)), Step::End);
        life.end();
        assert_eq!((life.phase(), life.runs), (Phase::Stopped, 0));
        assert!(!life.request_stop(), "there is nothing left to stop");
    }

    #[test]
    fn a_wake_during_a_run_means_one_more_right_after() {
        let mut life = started(&SETTINGS);
        life.begin(at(100));
        assert!(life.wake() && life.wake());
        life.finish(&SETTINGS, Verdict::Success, at(101));
        assert_eq!(life.step(at(101)), Step::Run);
        life.begin(at(101));
        life.finish(&SETTINGS, Verdict::Success, at(102));
        assert_eq!(
            life.step(at(102)),
            Step::SleepUntil(at(112)),
            "and only one"
        );
    }

    #[test]
    fn a_pause_holds_what_is_due_and_resuming_lets_it_go() {
        let mut life = started(&SETTINGS);
        assert!(life.pause());
        assert_eq!(life.step(at(500)), Step::Sleep);
        assert!(life.wake(), "an explicit run is done all the same");
        assert_eq!(life.step(at(500)), Step::Run);
        life.begin(at(500));
        life.finish(&SETTINGS, Verdict::Success, at(501));
        assert_eq!(life.step(at(600)), Step::Sleep);
        assert!(life.resume(at(600)));
        assert_eq!(life.phase(), Phase::Waiting { due: at(600) });
        assert_eq!(life.step(at(600)), Step::Run);
    }

    #[test]
    fn a_start_is_refused_while_the_old_loop_exists() {
        let mut life = started(&SETTINGS);
        life.begin(at(100));
        assert!(life.request_stop());
        assert!(!life.start(&SETTINGS, at(101)));
        assert!(
            life.stop_requested(),
            "the refused start did not cancel the stop"
        );
        life.finish(&SETTINGS, Verdict::Success, at(102));
        life.end();
        assert!(life.start(&SETTINGS, at(103)));
    }

    #[test]
    fn an_irrecoverable_error_is_death_and_a_start_a_new_life() {
        let mut life = started(&SETTINGS);
        life.begin(at(100));
        life.finish(&SETTINGS, Verdict::Irrecoverable, at(101));
        assert_eq!(life.step(at(101)), Step::End);
        life.end();
        assert_eq!(life.phase(), Phase::Dead);
        assert!(!life.wake() && !life.pause() && !life.resume(at(102)));
        assert!(life.start(&SETTINGS, at(103)));
        assert_eq!((life.consecutive_failures, life.failed_runs), (0, 1));
    }

    #[test]
    fn an_end_that_nobody_asked_for_is_death() {
        let mut life = started(&SETTINGS);
        life.begin(at(100));
        life.end();
        assert_eq!(life.phase(), Phase::Dead);
    }

    #[test]
    fn edges_are_told_once() {
        let mut life = started(&SETTINGS);
        let mut run = |verdict, seconds: u64| {
            life.begin(at(200));
            let change = life.finish(&SETTINGS, verdict, at(200 + seconds));
            (
                change.first_failure,
                change.recovered_after,
                change.overrun,
                change.first_overrun,
            )
        };
        assert_eq!(run(Verdict::Failure, 1), (true, None, false, false));
        assert_eq!(run(Verdict::Failure, 11), (false, None, true, true));
        assert_eq!(run(Verdict::Success, 11), (false, Some(2), true, false));
        assert_eq!(run(Verdict::Success, 10), (false, None, false, false));
    }
}
