//! One periodic thread as its loop, its handles, the watch and the routes share it.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use super::clock::Clock;
use super::descriptor::Body;
use super::health::{self, PeriodicState};
use super::history::{History, RunRecord};
use super::life::{Change, Life, Phase, Step, Verdict};
use super::meters::{Measured, Meters};
use super::outcome::RunResult;
use super::report;
use super::schedule::Moment;
use super::set::Set;
use super::settings::PeriodicSettings;
use super::snapshot::ThreadStatus;
use crate::source::Source;

/// A thread: what never changes, and what does behind one lock that is held for nanoseconds.
pub(super) struct Thread {
    pub(super) name: Arc<str>,
    pub(super) docs: &'static str,
    pub(super) settings: PeriodicSettings,
    pub(super) source: Option<Source>,
    pub(super) clock: Arc<Clock>,
    pub(super) set: Weak<Set>,
    meters: Meters,
    inner: Mutex<Inner>,
    /// A sync loop sleeps here, and whoever waits for its end.
    changed: Condvar,
    /// An async loop sleeps here.
    notify: Notify,
}

pub(super) struct Inner {
    pub(super) life: Life,
    pub(super) history: History,
    pub(super) last_wall: Option<SystemTime>,
    /// The body, while no loop has it: what two loops can never have at once.
    pub(super) body: Option<Body>,
    /// The OS thread of a sync loop.
    pub(super) on: Option<ThreadId>,
    /// Whether it leaves its set when the loop has ended.
    pub(super) leaving: bool,
    /// How many wait in [`Thread::wait_until`]; without any a run makes no system call.
    waiting: usize,
    reported: PeriodicState,
}

/// A run that has begun, from `begin` to `finish`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    at: Moment,
    wall: SystemTime,
}

/// Who a thread is.
pub(super) struct Identity<'a> {
    pub(super) name: Arc<str>,
    pub(super) docs: &'static str,
    pub(super) settings: PeriodicSettings,
    pub(super) source: Option<Source>,
    pub(super) server: Option<&'a str>,
    pub(super) seed: u64,
}

impl Thread {
    /// A thread that was never started. `body` gets a reference to the thread itself.
    pub(super) fn new(
        identity: Identity<'_>,
        clock: Arc<Clock>,
        set: Weak<Set>,
        body: impl FnOnce(Weak<Self>) -> Body,
    ) -> Arc<Self> {
        let Identity {
            name,
            docs,
            settings,
            source,
            server,
            seed,
        } = identity;
        Arc::new_cyclic(|this| Self {
            meters: Meters::new(&name, settings.level, server),
            name,
            docs,
            settings,
            source,
            clock,
            set,
            inner: Mutex::new(Inner {
                life: Life::new(seed),
                history: History::default(),
                last_wall: None,
                body: Some(body(Weak::clone(this))),
                on: None,
                leaving: false,
                waiting: 0,
                reported: PeriodicState::Stopped,
            }),
            changed: Condvar::new(),
            notify: Notify::new(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> PeriodicState {
        self.state_of(&self.lock(), self.clock.now())
    }

    fn state_of(&self, inner: &Inner, now: Moment) -> PeriodicState {
        health::state(&self.settings, &inner.life, now)
    }

    /// Makes whoever sleeps look again.
    pub(super) fn nudge(&self) {
        self.changed.notify_all();
        self.notify.notify_one();
    }

    /// Begins a life and hands out the body; the state that forbids it otherwise.
    pub(super) fn start(&self) -> Result<Body, PeriodicState> {
        let body = {
            let mut inner = self.lock();
            let now = self.clock.now();
            let state = self.state_of(&inner, now);
            let Some(body) = inner.body.take() else {
                return Err(state);
            };
            if !inner.life.start(&self.settings, now) {
                inner.body = Some(body);
                return Err(state);
            }
            inner.reported = PeriodicState::Starting;
            body
        };
        self.meters.started();
        report::started(self);
        Ok(body)
    }

    /// Sleeps on this OS thread until a run begins; `None` when the loop must end.
    pub(super) fn next_run_blocking(&self) -> Option<Begun> {
        let mut inner = self.lock();
        inner.on = Some(std::thread::current().id());
        loop {
            let now = self.clock.now();
            let sleep = match inner.life.step(now) {
                Step::Run => return Some(self.begin(&mut inner, now)),
                Step::End => return None,
                Step::SleepUntil(due) => self.clock.until(due),
                Step::Sleep => None,
            };
            inner = match sleep {
                Some(sleep) => {
                    let slept = self.changed.wait_timeout(inner, sleep);
                    slept.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(inner)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Sleeps as a task until a run begins; `None` when the loop must end.
    pub(super) async fn next_run(&self) -> Option<Begun> {
        loop {
            let sleep = {
                let mut inner = self.lock();
                let now = self.clock.now();
                match inner.life.step(now) {
                    Step::Run => return Some(self.begin(&mut inner, now)),
                    Step::End => return None,
                    Step::SleepUntil(due) => self.clock.until(due),
                    Step::Sleep => None,
                }
            };
            // A nudge between the lock and this await is not lost: it leaves a permit behind.
            match sleep {
                Some(sleep) => drop(tokio::time::timeout(sleep, self.notify.notified()).await),
                None => self.notify.notified().await,
            }
        }
    }

    fn begin(&self, inner: &mut Inner, now: Moment) -> Begun {
        let wall = self.clock.wall();
        inner.life.begin(now);
        inner.last_wall = Some(wall);
        self.tell(inner);
        Begun { at: now, wall }
    }

    /// Records a run.
    pub(super) fn finish(&self, run: Begun, result: RunResult) {
        let verdict = match &result {
            Ok(_) => Verdict::Success,
            Err(error) if error.is_irrecoverable() => Verdict::Irrecoverable,
            Err(_) => Verdict::Failure,
        };
        let failure = result.as_ref().err().map(ToString::to_string);
        let (change, took, before, after) = {
            let mut inner = self.lock();
            let now = self.clock.now();
            let took = now.saturating_sub(run.at);
            let change = inner.life.finish(&self.settings, verdict, now);
            inner.history.push(RunRecord::new(run.wall, took, result));
            let after = self.state_of(&inner, now);
            let before = std::mem::replace(&mut inner.reported, after);
            // Under the lock, so that the gauge ends with the newest verdict. Every run says it, in
            // case the recorder came after the last change.
            self.meters.active(after.is_active());
            self.tell(&inner);
            (change, took, before, after)
        };
        self.meters.run(&Measured {
            began: run.wall,
            took,
            failed: failure.is_some(),
            overran: change.overrun,
        });
        self.report(change, failure.as_deref(), took, before, after);
    }

    fn report(
        &self,
        change: Change,
        failure: Option<&str>,
        took: Duration,
        before: PeriodicState,
        after: PeriodicState,
    ) {
        if let Some(failure) = failure.filter(|_| change.first_failure) {
            report::failed(self, failure);
        }
        if change.first_overrun {
            report::overran(self, took);
        }
        match change.recovered_after {
            Some(failures) => report::recovered(self, failures),
            None => report::verdict(self, before, after),
        }
    }

    /// The body is back: there is no loop any more.
    pub(super) fn ended(&self, body: Option<Body>) {
        let (state, leaving) = {
            let mut inner = self.lock();
            self.meters.active(false);
            inner.life.end();
            inner.body = body;
            inner.on = None;
            let state = self.state_of(&inner, self.clock.now());
            inner.reported = state;
            (state, inner.leaving)
        };
        if let Some(set) = self.set.upgrade().filter(|_| leaving) {
            set.remove(self);
        }
        report::ended(self, state);
        self.changed.notify_all();
    }

    /// Tells log and metrics what time has done; the moment at which it may do more.
    pub(super) fn observe(&self) -> Option<Moment> {
        let (before, after, attention) = {
            let mut inner = self.lock();
            let after = self.state_of(&inner, self.clock.now());
            let before = std::mem::replace(&mut inner.reported, after);
            if before.is_active() != after.is_active() {
                self.meters.active(after.is_active());
            }
            (
                before,
                after,
                health::attention(&self.settings, &inner.life),
            )
        };
        report::verdict(self, before, after);
        attention
    }

    /// Asks the loop to end.
    pub(super) fn request_stop(&self) {
        self.lock().life.request_stop();
        self.nudge();
    }

    /// Waits until there is no loop; whether that came in time. A sync body that waits for itself
    /// does not wait at all.
    pub(super) fn wait_until_stopped(&self, timeout: Duration) -> bool {
        let itself = |inner: &Inner| inner.on == Some(std::thread::current().id());
        let inner = self.lock();
        let waited = self.changed.wait_timeout_while(inner, timeout, |inner| {
            inner.life.is_running() && !itself(inner)
        });
        !waited
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .life
            .is_running()
    }

    /// Wakes those who wait for a condition.
    fn tell(&self, inner: &Inner) {
        if inner.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// Blocks until the condition holds; whether it came to hold in time. The condition is asked
    /// without the lock: it may be slow, and it may use the thread.
    pub(super) fn wait_until(
        &self,
        timeout: Duration,
        mut condition: impl FnMut(&ThreadStatus) -> bool,
    ) -> bool {
        // A verdict falls just after its moment.
        const JUST_AFTER: Duration = Duration::from_millis(1);
        let patience = Clock::system();
        let _waiter = Waiter::of(self);
        loop {
            let status = ThreadStatus::of(self, &self.lock());
            if condition(&status) {
                return true;
            }
            let left = timeout.saturating_sub(patience.now());
            if left.is_zero() {
                return false;
            }
            let inner = self.lock();
            if !status.still_holds(self, &inner) {
                continue;
            }
            let now = self.clock.now();
            let verdict = health::turning(&self.settings, &inner.life)
                .filter(|moment| *moment >= now)
                .and_then(|moment| self.clock.until(moment.saturating_add(JUST_AFTER)));
            let sleep = verdict.map_or(left, |verdict| verdict.min(left));
            drop(self.changed.wait_timeout(inner, sleep));
        }
    }

    /// Stops the thread for good; whether it can leave its set at once, because no run is going on.
    pub(super) fn leave(&self) -> bool {
        let at_once = {
            let mut inner = self.lock();
            inner.life.request_stop();
            inner.leaving = true;
            !matches!(inner.life.phase(), Phase::Running { .. })
        };
        self.nudge();
        at_once
    }
}

/// One who waits in [`Thread::wait_until`], also when the condition panics.
struct Waiter<'a>(&'a Thread);

impl<'a> Waiter<'a> {
    fn of(thread: &'a Thread) -> Self {
        thread.lock().waiting += 1;
        Self(thread)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
