//! The life cycle of one periodic thread and its counters: a value without clock or threads.

use std::time::Duration;

use super::schedule::{FinishedRun, Moment, Plan};
use super::settings::Settings;

/// Where the loop of a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// There is no loop: never started, or ended as asked.
    Stopped,
    /// There is no loop: it ended without a request.
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
pub(crate) enum NextStep {
    Run,
    /// Sleep until then, or until something changes.
    SleepUntil(Moment),
    /// Sleep until something changes.
    Sleep,
    End,
}

/// What changed with one run, for log and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunTransition {
    /// The first failure after a success.
    pub(crate) first_failure: bool,
    /// The first success after that many failures.
    pub(crate) recovered_after: Option<u32>,
    /// Longer than the interval.
    pub(crate) overrun: bool,
    /// Longer than the interval, and the run before was not.
    pub(crate) first_overrun: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunVerdict {
    Success,
    Failure,
    /// The loop ends.
    Fatal,
}

/// The life cycle of one thread so far.
#[derive(Clone, Debug)]
pub(crate) struct LifeCycle {
    phase: Phase,
    plan: Plan,
    stop_requested: bool,
    paused: bool,
    run_requested: bool,
    fatal: bool,
    last_overran: bool,
    pub(crate) runs: u64,
    pub(crate) failed_runs: u64,
    pub(crate) overruns: u64,
    pub(crate) consecutive_failures: u32,
    /// When the last run began.
    pub(crate) last_began: Option<Moment>,
}

impl LifeCycle {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            phase: Phase::Stopped,
            plan: Plan {
                origin: Duration::ZERO,
                seed,
            },
            stop_requested: false,
            paused: false,
            run_requested: false,
            fatal: false,
            last_overran: false,
            runs: 0,
            failed_runs: 0,
            overruns: 0,
            consecutive_failures: 0,
            last_began: None,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(crate) fn stop_requested(&self) -> bool {
        self.stop_requested
    }

    /// Whether the thread exists and loops.
    pub(crate) fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Stopped | Phase::Dead)
    }

    /// Begins a new life cycle; `false` (and nothing changes) while the old loop still exists.
    pub(crate) fn start(&mut self, settings: &Settings, now: Moment) -> bool {
        if self.is_running() {
            return false;
        }
        self.plan.origin = now.saturating_add(settings.init_wait);
        self.phase = Phase::Starting {
            due: self.plan.first(settings),
        };
        self.stop_requested = false;
        self.paused = false;
        self.run_requested = false;
        self.fatal = false;
        self.last_overran = false;
        self.consecutive_failures = 0;
        true
    }

    /// What the loop does at this moment.
    pub(crate) fn next_step(&mut self, now: Moment) -> NextStep {
        if let Phase::Starting { due } = self.phase {
            self.phase = Phase::Waiting { due };
        }
        match self.phase {
            _ if self.stop_requested || self.fatal => NextStep::End,
            Phase::Waiting { .. } if self.run_requested => NextStep::Run,
            Phase::Waiting { .. } if self.paused => NextStep::Sleep,
            Phase::Waiting { due } if due <= now => NextStep::Run,
            Phase::Waiting { due } => NextStep::SleepUntil(due),
            Phase::Stopped | Phase::Dead | Phase::Starting { .. } | Phase::Running { .. } => {
                NextStep::End
            }
        }
    }

    pub(crate) fn begin(&mut self, now: Moment) {
        self.run_requested = false;
        self.last_began = Some(now);
        self.phase = Phase::Running { since: now };
    }

    pub(crate) fn finish(
        &mut self,
        settings: &Settings,
        verdict: RunVerdict,
        now: Moment,
    ) -> RunTransition {
        let began = match self.phase {
            Phase::Running { since } => since,
            _ => now,
        };
        self.runs += 1;
        let before = self.consecutive_failures;
        if verdict == RunVerdict::Success {
            self.consecutive_failures = 0;
        } else {
            self.failed_runs += 1;
            self.consecutive_failures = before.saturating_add(1);
        }
        self.fatal = verdict == RunVerdict::Fatal;
        let overrun = now.saturating_sub(began) > settings.interval;
        self.overruns += u64::from(overrun);
        let first_overrun = overrun && !self.last_overran;
        self.last_overran = overrun;
        let run = FinishedRun {
            began,
            ended: now,
            number: self.runs,
            consecutive_failures: self.consecutive_failures,
        };
        self.phase = Phase::Waiting {
            due: self.plan.next(settings, run),
        };
        RunTransition {
            first_failure: before == 0 && verdict != RunVerdict::Success,
            recovered_after: (before > 0 && verdict == RunVerdict::Success).then_some(before),
            overrun,
            first_overrun,
        }
    }

    /// The loop has ended: stopped if that was requested, else dead.
    pub(crate) fn end(&mut self) {
        let requested = self.stop_requested && !self.fatal;
        self.phase = if requested {
            Phase::Stopped
        } else {
            Phase::Dead
        };
        self.stop_requested = false;
        self.paused = false;
        self.run_requested = false;
    }

    /// Requests that the loop ends; `false` if there is none.
    pub(crate) fn request_stop(&mut self) -> bool {
        self.stop_requested = self.is_running();
        self.stop_requested
    }

    /// Requests one run at once, or right after the present one; `false` if no loop will do it.
    pub(crate) fn run_now(&mut self) -> bool {
        let accepted = self.accepts_commands();
        self.run_requested |= accepted;
        accepted
    }

    /// Prevents further runs, except by [`run_now`](Self::run_now), until resumed; `false` without a loop.
    pub(crate) fn pause(&mut self) -> bool {
        let accepted = self.accepts_commands();
        self.paused |= accepted;
        accepted
    }

    /// Ends a pause: a run that came due meanwhile is due now; `false` without a loop.
    pub(crate) fn resume(&mut self, now: Moment) -> bool {
        let accepted = self.accepts_commands();
        if accepted && std::mem::take(&mut self.paused) {
            match &mut self.phase {
                Phase::Starting { due } | Phase::Waiting { due } => *due = (*due).max(now),
                Phase::Stopped | Phase::Dead | Phase::Running { .. } => {}
            }
        }
        accepted
    }

    fn accepts_commands(&self) -> bool {
        self.is_running() && !self.stop_requested
    }
}

#[cfg(test)]
mod tests;
