//! The runs of one check and what follows from them: a value without clock or threads.

use std::sync::Arc;
use std::time::Duration;

use super::descriptor::CheckSettings;
use super::kind::CheckKind;
use crate::periodic::life::{LifeCycle, NextStep, Phase, RunVerdict};
use crate::periodic::schedule::Moment;

/// Why a check is not healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CheckFailure {
    /// Nothing has started the checks of the server.
    NotStarted,
    /// The checks of the server have been stopped, so that a result would be an old one.
    HasStopped,
    HasNotRun,
    /// The run takes or took longer than this.
    TimedOut(Duration),
    /// The run could not begin for longer than this.
    NoThread(Duration),
    Panicked,
    Returned(Arc<str>),
}

impl CheckFailure {
    pub(super) fn message(&self) -> String {
        match self {
            Self::NotStarted => "has not run yet: a mounted server runs its checks after `server.health_checks().start()`, until what it returns is dropped".to_owned(),
            Self::HasStopped => "has been stopped".to_owned(),
            Self::HasNotRun => "has not run yet".to_owned(),
            Self::TimedOut(timeout) => format!("timed out after {timeout:?}"),
            Self::NoThread(timeout) => format!("no thread was free within {timeout:?}"),
            Self::Panicked => "panicked".to_owned(),
            Self::Returned(message) => message.to_string(),
        }
    }
}

/// The last run that has ended.
#[derive(Clone, Debug)]
pub(super) struct LastRun {
    pub(super) duration: Duration,
    pub(super) ended: Moment,
    failure: Option<CheckFailure>,
}

/// The runs of one check so far.
#[derive(Debug)]
pub(super) struct CheckRecord {
    life: LifeCycle,
    last: Option<LastRun>,
    /// Set when a run began too late, until it has ended.
    began_late: bool,
    was_started: bool,
}

impl CheckRecord {
    pub(super) fn new() -> Self {
        Self {
            life: LifeCycle::new(0),
            last: None,
            began_late: false,
            was_started: false,
        }
    }

    /// Lets the runs begin; `false` while the previous loop still exists.
    pub(super) fn start(&mut self, settings: &CheckSettings, now: Moment) -> bool {
        let starts = self.life.start(&settings.schedule, now);
        if starts {
            self.last = None;
            self.was_started = true;
        }
        starts
    }

    pub(super) fn next_step(&mut self, now: Moment) -> NextStep {
        self.life.next_step(now)
    }

    pub(super) fn last(&self) -> Option<&LastRun> {
        self.last.as_ref()
    }

    pub(super) fn begin(&mut self, settings: &CheckSettings, now: Moment) {
        self.began_late = self.is_late(settings, now);
        self.life.begin(now);
    }

    /// Ends a run.
    pub(super) fn finish(
        &mut self,
        settings: &CheckSettings,
        failure: Option<CheckFailure>,
        now: Moment,
    ) {
        let duration = match self.life.phase() {
            Phase::Running { since } => now.saturating_sub(since),
            _ => Duration::ZERO,
        };
        let timeout = settings.schedule.effective_timeout();
        let failure = if duration > timeout {
            Some(CheckFailure::TimedOut(timeout))
        } else {
            failure
        };
        let verdict = match failure {
            None => RunVerdict::Success,
            Some(_) => RunVerdict::Failure,
        };
        self.life.finish(&settings.schedule, verdict, now);
        self.began_late = false;
        self.last = Some(LastRun {
            duration,
            ended: now,
            failure,
        });
    }

    /// Requests that no further run begins.
    pub(super) fn request_stop(&mut self) {
        self.life.request_stop();
    }

    /// The loop has ended.
    pub(super) fn end(&mut self) {
        self.life.end();
    }

    /// Why the check is not healthy at this moment.
    pub(super) fn failure(&self, settings: &CheckSettings, now: Moment) -> Option<CheckFailure> {
        let timeout = settings.schedule.effective_timeout();
        if self.has_stopped() && settings.kind == CheckKind::Ready {
            return Some(CheckFailure::HasStopped);
        }
        match self.life.phase() {
            Phase::Running { since } if now.saturating_sub(since) > timeout => {
                return Some(CheckFailure::TimedOut(timeout));
            }
            _ if self.began_late || self.is_late(settings, now) => {
                return Some(CheckFailure::NoThread(timeout));
            }
            _ => {}
        }
        match &self.last {
            Some(last) => last.failure.clone(),
            None if settings.kind == CheckKind::Live => None,
            None if self.life.phase() == Phase::Stopped => Some(CheckFailure::NotStarted),
            None => Some(CheckFailure::HasNotRun),
        }
    }

    /// Whether no further run begins.
    fn has_stopped(&self) -> bool {
        self.was_started && (self.life.stop_requested() || !self.life.is_running())
    }

    /// Whether a run has been due for longer than the timeout.
    fn is_late(&self, settings: &CheckSettings, now: Moment) -> bool {
        match self.life.phase() {
            Phase::Starting { due } | Phase::Waiting { due } if !self.life.stop_requested() => {
                now.saturating_sub(due) > settings.schedule.effective_timeout()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Moment {
        Duration::from_millis(millis)
    }

    const READY: CheckSettings = CheckSettings::DEFAULT;
    const LIVE: CheckSettings = READY.with_kind(CheckKind::Live);

    fn started() -> CheckRecord {
        let mut record = CheckRecord::new();
        assert!(record.start(&READY, ms(0)));
        assert_eq!(record.next_step(ms(0)), NextStep::Run);
        record
    }

    fn returned(text: &str) -> Option<CheckFailure> {
        Some(CheckFailure::Returned(text.into()))
    }

    #[test]
    fn each_history_has_its_failure() {
        type Story = fn(&mut CheckRecord);
        let second = Duration::from_secs(1);
        let (late, timed_out) = (
            Some(CheckFailure::NoThread(second)),
            Some(CheckFailure::TimedOut(second)),
        );
        let table: &[(&str, Story, u64, Option<CheckFailure>)] = &[
            ("due", |_| {}, 1_000, Some(CheckFailure::HasNotRun)),
            ("no thread", |_| {}, 1_001, late.clone()),
            (
                "first run",
                |r| r.begin(&READY, ms(0)),
                1_000,
                Some(CheckFailure::HasNotRun),
            ),
            (
                "hangs",
                |r| r.begin(&READY, ms(0)),
                1_001,
                timed_out.clone(),
            ),
            (
                "began late",
                |r| r.begin(&READY, ms(1_500)),
                1_600,
                late.clone(),
            ),
            (
                "began late and hangs",
                |r| r.begin(&READY, ms(1_500)),
                2_501,
                timed_out.clone(),
            ),
            (
                "began late and succeeded",
                |r| {
                    r.begin(&READY, ms(1_500));
                    r.finish(&READY, None, ms(1_600));
                },
                1_600,
                None,
            ),
            (
                "succeeded too late",
                |r| {
                    r.begin(&READY, ms(0));
                    r.finish(&READY, None, ms(1_001));
                },
                1_001,
                timed_out.clone(),
            ),
            (
                "failed",
                |r| {
                    r.begin(&READY, ms(0));
                    r.finish(&READY, returned("no route"), ms(10));
                },
                10_000,
                returned("no route"),
            ),
            (
                "the last result counts while the next run is young",
                |r| {
                    r.begin(&READY, ms(0));
                    r.finish(&READY, None, ms(10));
                    r.begin(&READY, ms(10_010));
                },
                11_000,
                None,
            ),
            (
                "the next run does not begin",
                |r| {
                    r.begin(&READY, ms(0));
                    r.finish(&READY, None, ms(10));
                },
                11_011,
                late.clone(),
            ),
            (
                "stopped",
                |r| {
                    r.begin(&READY, ms(0));
                    r.finish(&READY, None, ms(10));
                    r.request_stop();
                    r.end();
                },
                99_999,
                Some(CheckFailure::HasStopped),
            ),
            (
                "asked to stop inside a run",
                |r| {
                    r.begin(&READY, ms(0));
                    r.request_stop();
                },
                99_999,
                Some(CheckFailure::HasStopped),
            ),
            (
                "started again",
                |r| {
                    r.begin(&READY, ms(0));
                    r.finish(&READY, None, ms(10));
                    r.request_stop();
                    r.end();
                    assert!(r.start(&READY, ms(20)));
                },
                20,
                Some(CheckFailure::HasNotRun),
            ),
        ];
        for (name, story, now, expected) in table {
            let mut record = started();
            story(&mut record);
            assert_eq!(record.failure(&READY, ms(*now)), *expected, "{name}");
        }
    }

    #[test]
    fn live_check_is_healthy_before_its_first_result() {
        let mut record = CheckRecord::new();
        assert_eq!(record.failure(&LIVE, ms(99)), None, "not started");
        assert_eq!(
            record.failure(&READY, ms(99)),
            Some(CheckFailure::NotStarted)
        );
        record.start(&LIVE, ms(0));
        record.begin(&LIVE, ms(0));
        assert_eq!(record.failure(&LIVE, ms(1_000)), None);
        assert!(record.failure(&LIVE, ms(1_001)).is_some(), "it hangs");
        record.finish(&LIVE, None, ms(1_000));
        record.request_stop();
        record.end();
        assert_eq!(record.failure(&LIVE, ms(9_999)), None, "stopped");
    }

    #[test]
    fn interval_begins_at_the_end_of_a_run() {
        let mut record = started();
        record.begin(&READY, ms(0));
        record.finish(&READY, None, ms(300));
        assert_eq!(record.next_step(ms(300)), NextStep::SleepUntil(ms(10_300)));
        assert_eq!(record.next_step(ms(10_300)), NextStep::Run);
    }
}
