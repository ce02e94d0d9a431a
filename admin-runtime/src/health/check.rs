//! One check, shared by its loop and the probes.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::descriptor::HealthCheckDescriptor;
use super::kind::CheckKind;
use super::log;
use super::record::{CheckFailure, CheckRecord};
use super::report::{CheckReport, CheckStatus};
use super::shared::CheckShared;
use crate::periodic::descriptor::PeriodicBody;
use crate::periodic::life::NextStep;
use crate::periodic::outcome::RunResult;
use crate::periodic::run::{Panicked, catch_panic, run_within};
use crate::periodic::timeline::Timeline;
use crate::sync::lock;

/// One check of one server.
pub(super) struct Check {
    pub(super) descriptor: HealthCheckDescriptor,
    locked: Mutex<CheckData>,
}

struct CheckData {
    record: CheckRecord,
    /// Whether the log says that it failed.
    is_logged_as_failed: bool,
}

/// Ends the life cycle of a check with its loop, however that ends.
struct LoopGuard(Arc<Check>);

impl Drop for LoopGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Check {
    pub(super) fn new(descriptor: HealthCheckDescriptor) -> Arc<Self> {
        Arc::new(Self {
            descriptor,
            locked: Mutex::new(CheckData {
                record: CheckRecord::new(),
                is_logged_as_failed: false,
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, CheckData> {
        lock(&self.locked)
    }

    pub(super) fn is_async(&self) -> bool {
        matches!(self.descriptor.body, PeriodicBody::Async(_))
    }

    pub(super) fn kind(&self) -> CheckKind {
        self.descriptor.settings.kind
    }

    fn timeout(&self) -> Duration {
        self.descriptor.settings.schedule.effective_timeout()
    }

    /// Lets the runs begin; `false` while the previous loop still exists.
    pub(super) fn start(&self, timeline: &Timeline) -> bool {
        let now = timeline.now();
        self.lock().record.start(&self.descriptor.settings, now)
    }

    /// What its loop does next; a run has begun if it is `Run`.
    pub(super) fn next_step(&self, timeline: &Timeline) -> NextStep {
        let mut data = self.lock();
        let now = timeline.now();
        let step = data.record.next_step(now);
        if step == NextStep::Run {
            data.record.begin(&self.descriptor.settings, now);
        }
        step
    }

    pub(super) fn request_stop(&self) {
        self.lock().record.request_stop();
    }

    /// The loop has ended.
    pub(super) fn end(&self) {
        let mut data = self.lock();
        data.record.request_stop();
        data.record.end();
    }

    /// Does a run that has begun, on the calling thread.
    pub(super) fn run_blocking(&self, shared: &CheckShared) {
        if let PeriodicBody::Sync(run) = self.descriptor.body {
            let outcome = catch_panic(|| run(&shared.context));
            self.finish(failure_of(outcome), shared);
        }
    }

    /// Does the runs of an async check until it is stopped. Each is dropped at its timeout.
    pub(super) fn run_loop(self: Arc<Self>, shared: Arc<CheckShared>) -> impl Future<Output = ()> {
        let guard = LoopGuard(self);
        async move {
            let LoopGuard(check) = &guard;
            loop {
                match check.next_step(&shared.timeline) {
                    NextStep::Run => {
                        let failure = check.run_once(&shared).await;
                        check.finish(failure, &shared);
                    }
                    NextStep::SleepUntil(due) => match shared.timeline.time_until(due) {
                        Some(sleep) => tokio::time::sleep(sleep).await,
                        None => std::future::pending().await,
                    },
                    NextStep::Sleep | NextStep::End => return,
                }
            }
        }
    }

    async fn run_once(&self, shared: &CheckShared) -> Option<CheckFailure> {
        let PeriodicBody::Async(run) = self.descriptor.body else {
            return None;
        };
        let future = match catch_panic(|| run(&shared.context)) {
            Ok(Ok(future)) => future,
            Ok(Err(error)) => return failure_of(Ok(Err(error))),
            Err(panic) => return failure_of(Err(panic)),
        };
        let timeout = self.timeout();
        match run_within(timeout, future).await {
            Some(outcome) => failure_of(outcome),
            None => Some(CheckFailure::TimedOut(timeout)),
        }
    }

    fn finish(&self, failure: Option<CheckFailure>, shared: &CheckShared) {
        {
            let mut data = self.lock();
            let now = shared.timeline.now();
            data.record.finish(&self.descriptor.settings, failure, now);
            let failure = data.record.failure(&self.descriptor.settings, now);
            self.log_change(&mut data, failure.as_ref());
        }
        shared.notify_waiters();
    }

    /// Whether it is healthy now.
    pub(super) fn is_healthy(&self, timeline: &Timeline) -> bool {
        let data = self.lock();
        let failure = data
            .record
            .failure(&self.descriptor.settings, timeline.now());
        failure.is_none()
    }

    /// Its state now. A failure that only time reveals is logged by the first probe that sees it.
    pub(super) fn report(&self, timeline: &Timeline) -> CheckReport {
        let mut data = self.lock();
        let now = timeline.now();
        let failure = data.record.failure(&self.descriptor.settings, now);
        self.log_change(&mut data, failure.as_ref());
        let last = data.record.last();
        CheckReport {
            name: self.descriptor.name,
            kind: self.descriptor.settings.kind,
            status: CheckStatus::from_failure(failure.is_some()),
            message: failure.map(|failure| failure.message()),
            duration: last.map(|run| run.duration),
            age: last.map(|run| now.saturating_sub(run.ended)),
        }
    }

    fn log_change(&self, data: &mut CheckData, failure: Option<&CheckFailure>) {
        if failure == Some(&CheckFailure::HasStopped) {
            return; // the result of a stop, not of a run
        }
        let is_failed = failure.is_some_and(|failure| *failure != CheckFailure::HasNotRun);
        if is_failed != std::mem::replace(&mut data.is_logged_as_failed, is_failed) {
            let message = failure.map(CheckFailure::message);
            log::changed(&self.descriptor, message.as_deref());
        }
    }
}

fn failure_of(outcome: Result<RunResult, Panicked>) -> Option<CheckFailure> {
    match outcome {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(CheckFailure::Returned(error.message().into())),
        Err(Panicked(_)) => Some(CheckFailure::Panicked),
    }
}
