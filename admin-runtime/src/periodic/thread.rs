//! One periodic thread, shared by its loop, its handles, the watchdog and the routes.

mod waiting;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use super::body::RunBody;
use super::health::{current_state, next_check_at};
use super::history::{RunHistory, RunRecord};
use super::identity::ThreadIdentity;
use super::life::{LifeCycle, NextStep, Phase, RunTransition, RunVerdict};
use super::log;
use super::metrics::{MeasuredRun, ThreadMetrics};
use super::outcome::RunResult;
use super::schedule::Moment;
use super::state::ThreadState;
use super::status::ThreadStatus;
use super::timeline::Timeline;
use crate::sync::lock;

/// One thread: what never changes, and the rest behind a lock that is only held for nanoseconds.
pub(super) struct ThreadCore {
    pub(super) identity: ThreadIdentity,
    timeline: Arc<Timeline>,
    metrics: ThreadMetrics,
    /// Called when the loop has ended after [`ThreadCore::leave`].
    on_left: OnLeft,
    locked: Mutex<ThreadData>,
    /// A sync loop sleeps here, and so do callers that wait for a change.
    changed: Condvar,
    /// An async loop sleeps here.
    notify: Notify,
}

pub(super) type OnLeft = Box<dyn Fn(&ThreadCore) + Send + Sync>;

pub(super) struct ThreadData {
    pub(super) life: LifeCycle,
    pub(super) history: RunHistory,
    /// The body while no loop owns it, so that two loops can never run it at once.
    body: Option<RunBody>,
    /// The OS thread of a sync loop.
    os_thread: Option<ThreadId>,
    /// Whether it leaves its set when the loop has ended.
    leaving: bool,
    /// The number of callers in [`ThreadCore::wait_until`]; without any, a run makes no system call.
    waiters: usize,
    reported: ThreadState,
}

/// A run that has begun and not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveRun {
    began: Moment,
    began_wall: SystemTime,
}

impl ThreadCore {
    /// A thread that was never started. `body` receives a reference to the thread itself.
    pub(super) fn new(
        server: Option<&str>,
        seed: u64,
        identity: ThreadIdentity,
        timeline: Arc<Timeline>,
        on_left: OnLeft,
        body: impl FnOnce(Weak<Self>) -> RunBody,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            metrics: ThreadMetrics::new(&identity.name, identity.settings.level, server),
            identity,
            timeline,
            on_left,
            locked: Mutex::new(ThreadData {
                life: LifeCycle::new(seed),
                history: RunHistory::default(),
                body: Some(body(Weak::clone(this))),
                os_thread: None,
                leaving: false,
                waiters: 0,
                reported: ThreadState::Stopped,
            }),
            changed: Condvar::new(),
            notify: Notify::new(),
        })
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.identity.name
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ThreadData> {
        lock(&self.locked)
    }

    pub(super) fn now(&self) -> Moment {
        self.timeline.now()
    }

    pub(super) fn state(&self) -> ThreadState {
        self.state_at(&self.lock(), self.now())
    }

    /// Whether no further run begins until it is resumed, also while one is in progress.
    pub(super) fn is_paused(&self) -> bool {
        self.lock().life.is_paused()
    }

    pub(super) fn status(&self) -> ThreadStatus {
        self.status_of(&self.lock())
    }

    fn status_of(&self, data: &ThreadData) -> ThreadStatus {
        ThreadStatus::new(&self.identity, &data.life, &data.history, self.now())
    }

    fn state_at(&self, data: &ThreadData, now: Moment) -> ThreadState {
        current_state(&self.identity.settings, &data.life, now)
    }

    /// Wakes the loop and all waiting callers, so that they check again.
    pub(super) fn wake_sleepers(&self) {
        self.changed.notify_all();
        self.notify.notify_one();
    }

    /// Begins a life cycle and returns the body, or the state that forbids it.
    pub(super) fn start(&self) -> Result<RunBody, ThreadState> {
        let body = {
            let mut data = self.lock();
            let now = self.now();
            let state = self.state_at(&data, now);
            let Some(body) = data.body.take() else {
                return Err(state);
            };
            if !data.life.start(&self.identity.settings, now) {
                data.body = Some(body);
                return Err(state);
            }
            data.reported = ThreadState::Starting;
            body
        };
        self.metrics.started();
        log::started(&self.identity);
        Ok(body)
    }

    /// Blocks this OS thread until a run begins; `None` if the loop must end.
    pub(super) fn next_run_blocking(&self) -> Option<ActiveRun> {
        let mut data = self.lock();
        data.os_thread = Some(std::thread::current().id());
        loop {
            let now = self.now();
            let sleep = match data.life.next_step(now) {
                NextStep::Run => return Some(self.begin(&mut data, now)),
                NextStep::End => return None,
                NextStep::SleepUntil(due) => self.timeline.time_until(due),
                NextStep::Sleep => None,
            };
            data = match sleep {
                Some(sleep) => {
                    let slept = self.changed.wait_timeout(data, sleep);
                    slept.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(data)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Waits as a task until a run begins; `None` if the loop must end.
    pub(super) async fn next_run(&self) -> Option<ActiveRun> {
        loop {
            let sleep = {
                let mut data = self.lock();
                let now = self.now();
                match data.life.next_step(now) {
                    NextStep::Run => return Some(self.begin(&mut data, now)),
                    NextStep::End => return None,
                    NextStep::SleepUntil(due) => self.timeline.time_until(due),
                    NextStep::Sleep => None,
                }
            };
            // A wake-up between the lock and this await is not lost: `Notify` stores a permit.
            match sleep {
                Some(sleep) => drop(tokio::time::timeout(sleep, self.notify.notified()).await),
                None => self.notify.notified().await,
            }
        }
    }

    fn begin(&self, data: &mut ThreadData, now: Moment) -> ActiveRun {
        let wall = self.timeline.wall();
        data.life.begin(now);
        data.history.begin(wall);
        self.notify_waiters(data);
        ActiveRun {
            began: now,
            began_wall: wall,
        }
    }

    /// Records a run that has ended.
    pub(super) fn finish(&self, run: ActiveRun, result: RunResult) {
        let verdict = match &result {
            Ok(_) => RunVerdict::Success,
            Err(error) if error.is_fatal() => RunVerdict::Fatal,
            Err(_) => RunVerdict::Failure,
        };
        let failure = result.as_ref().err().map(ToString::to_string);
        let (transition, took, before, after) = {
            let mut data = self.lock();
            let now = self.now();
            let took = now.saturating_sub(run.began);
            let transition = data.life.finish(&self.identity.settings, verdict, now);
            data.history
                .push(RunRecord::new(run.began_wall, took, result));
            let after = self.state_at(&data, now);
            let before = std::mem::replace(&mut data.reported, after);
            // Under the lock, so that the gauges end with the newest state. Set after every run, in
            // case the recorder was installed after the last change.
            self.metrics.state(after);
            self.notify_waiters(&data);
            (transition, took, before, after)
        };
        self.metrics.run(&MeasuredRun {
            began: run.began_wall,
            took,
            failed: failure.is_some(),
            overran: transition.overrun,
        });
        self.log_run(transition, failure.as_deref(), took);
        if transition.recovered_after.is_none() {
            log::state_changed(&self.identity, before, after);
        }
    }

    fn log_run(&self, transition: RunTransition, failure: Option<&str>, took: Duration) {
        if let Some(failure) = failure.filter(|_| transition.first_failure) {
            log::failed(&self.identity, failure);
        }
        if transition.first_overrun {
            log::overran(&self.identity, took);
        }
        if let Some(failures) = transition.recovered_after {
            log::recovered(&self.identity, failures);
        }
    }

    /// Takes the body back from a loop that has ended.
    pub(super) fn end(&self, body: Option<RunBody>) {
        // First of all, so that the name is free when a stop has returned.
        let has_left = self.lock().leaving;
        if has_left {
            (self.on_left)(self);
        }
        let (state, leaves_now) = {
            let mut data = self.lock();
            data.life.end();
            data.body = body;
            data.os_thread = None;
            let state = self.state_at(&data, self.now());
            self.metrics.state(state);
            data.reported = state;
            (state, data.leaving && !has_left)
        };
        if leaves_now {
            (self.on_left)(self);
        }
        log::ended(&self.identity, state);
        self.changed.notify_all();
    }

    /// Updates log and metrics for the time that has passed; when the next fault is possible.
    pub(super) fn check(&self) -> Option<Moment> {
        let (before, after, next_check) = {
            let mut data = self.lock();
            let after = self.state_at(&data, self.now());
            let before = std::mem::replace(&mut data.reported, after);
            if before != after {
                self.metrics.state(after);
            }
            let next_check = next_check_at(&self.identity.settings, &data.life);
            (before, after, next_check)
        };
        log::state_changed(&self.identity, before, after);
        next_check
    }

    /// Requests that the loop ends.
    pub(super) fn request_stop(&self) {
        self.lock().life.request_stop();
        self.wake_sleepers();
    }

    /// Stops the thread permanently; returns whether no run is in progress, so that it can leave at once.
    pub(super) fn leave(&self) -> bool {
        let idle = {
            let mut data = self.lock();
            data.life.request_stop();
            data.leaving = true;
            !matches!(data.life.phase(), Phase::Running { .. })
        };
        self.wake_sleepers();
        idle
    }
}

impl fmt::Debug for ThreadCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadCore")
            .field("name", &self.identity.name)
            .finish_non_exhaustive()
    }
}
