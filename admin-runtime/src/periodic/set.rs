//! The periodic threads of one server.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard, Weak};
use std::time::Duration;

use tokio::runtime::Handle;

use super::body::RunBody;
use super::driver::{self, SpawnError};
use super::error::PeriodicStartError;
use super::identity::ThreadIdentity;
use super::metrics;
use super::name_claim::NameClaim;
use super::schedule::Moment;
use super::thread::ThreadCore;
use super::timeline::Timeline;
use super::watchdog::Watchdog;
use crate::clock::Clock;
use crate::sync::lock;

/// The threads of one server, started or not.
///
/// Locks are taken in the order `running`, `members`, a thread's own.
pub(super) struct ThreadSet {
    server: Option<String>,
    timeline: Arc<Timeline>,
    seeds: RandomState,
    members: RwLock<Members>,
    running: Mutex<Option<RunningSet>>,
    was_started: AtomicBool,
    is_running: AtomicBool,
}

type Members = BTreeMap<Arc<str>, Arc<ThreadCore>>;

/// What exists only while the set runs.
#[derive(Default)]
struct RunningSet {
    runtime: Option<Handle>,
    /// Set when the first thread starts.
    name_claim: Option<NameClaim>,
    /// Set when the first thread starts.
    watchdog: Option<Watchdog>,
}

impl ThreadSet {
    pub(super) fn new(server: Option<String>, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            server,
            timeline: Arc::new(Timeline::new(clock)),
            seeds: RandomState::new(),
            members: RwLock::default(),
            running: Mutex::default(),
            was_started: AtomicBool::new(false),
            is_running: AtomicBool::new(false),
        })
    }

    /// A thread for this set, which is not a member yet. `body` receives a reference to the thread.
    pub(super) fn new_thread(
        self: &Arc<Self>,
        identity: ThreadIdentity,
        body: impl FnOnce(Weak<ThreadCore>) -> RunBody,
    ) -> Arc<ThreadCore> {
        let set = Arc::downgrade(self);
        let on_left = Box::new(move |thread: &ThreadCore| {
            if let Some(set) = set.upgrade() {
                set.remove(thread);
            }
        });
        ThreadCore::new(
            self.server.as_deref(),
            self.seeds.hash_one(&identity.name),
            identity,
            Arc::clone(&self.timeline),
            on_left,
            body,
        )
    }

    fn write(&self) -> RwLockWriteGuard<'_, Members> {
        self.members.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Option<RunningSet>> {
        lock(&self.running)
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<ThreadCore>> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.get(name).cloned()
    }

    /// Every thread, sorted by name.
    pub(super) fn threads(&self) -> Vec<Arc<ThreadCore>> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.values().cloned().collect()
    }

    /// Starts every thread; all or none.
    pub(super) fn start(
        self: &Arc<Self>,
        runtime: Option<&Handle>,
    ) -> Result<(), PeriodicStartError> {
        let mut running = self.running();
        if running.is_some() {
            return Err(PeriodicStartError::AlreadyStarted);
        }
        let started = running.insert(RunningSet {
            runtime: runtime.cloned(),
            ..RunningSet::default()
        });
        for thread in self.threads() {
            if let Err(error) = self.start_thread(started, &thread) {
                self.threads()
                    .iter()
                    .for_each(|thread| thread.request_stop());
                *running = None;
                return Err(error);
            }
        }
        self.was_started.store(true, Ordering::Relaxed);
        self.is_running.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether the set is started and not stopped.
    pub(super) fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Relaxed)
    }

    /// Whether the set runs or ran.
    pub(super) fn was_started(&self) -> bool {
        self.was_started.load(Ordering::Relaxed)
    }

    /// Stops every thread; the names of those that are still inside a run after the timeout.
    pub(super) fn stop(&self, timeout: Duration) -> Vec<Arc<str>> {
        self.is_running.store(false, Ordering::Relaxed);
        let Some(running) = self.running().take() else {
            return Vec::new();
        };
        drop(running.watchdog);
        let threads = self.threads();
        threads.iter().for_each(|thread| thread.request_stop());
        let clock = Clock::system();
        let began = clock.now();
        let left = || timeout.saturating_sub(clock.now().saturating_duration_since(began));
        threads
            .iter()
            .filter(|thread| !thread.wait_until_stopped(left()))
            .map(|thread| Arc::clone(thread.name()))
            .collect()
    }

    /// Starts one member again.
    pub(super) fn restart(
        self: &Arc<Self>,
        thread: &Arc<ThreadCore>,
    ) -> Result<(), PeriodicStartError> {
        match &mut *self.running() {
            Some(running) => self.start_thread(running, thread),
            None => Err(PeriodicStartError::ThreadsNotStarted {
                thread: thread.name().to_string(),
            }),
        }
    }

    /// Adds a member.
    pub(super) fn insert(&self, thread: &Arc<ThreadCore>) -> Result<(), PeriodicStartError> {
        let mut members = self.write();
        if members.contains_key(thread.name()) {
            return Err(PeriodicStartError::NameTaken {
                thread: thread.name().to_string(),
            });
        }
        members.insert(Arc::clone(thread.name()), Arc::clone(thread));
        Ok(())
    }

    /// Adds a member and, if the set runs, starts it.
    pub(super) fn join(
        self: &Arc<Self>,
        thread: &Arc<ThreadCore>,
    ) -> Result<(), PeriodicStartError> {
        let mut running = self.running();
        self.insert(thread)?;
        if let Some(running) = &mut *running
            && let Err(error) = self.start_thread(running, thread)
        {
            self.remove(thread);
            return Err(error);
        }
        Ok(())
    }

    fn start_thread(
        self: &Arc<Self>,
        running: &mut RunningSet,
        thread: &Arc<ThreadCore>,
    ) -> Result<(), PeriodicStartError> {
        if running.name_claim.is_none() {
            let claim = NameClaim::claim(self.server.as_deref());
            running.name_claim =
                Some(claim.ok_or_else(|| PeriodicStartError::ServerNameTaken {
                    name: self.server.clone(),
                })?);
            metrics::describe();
        }
        let name = || thread.name().to_string();
        let body = thread
            .start()
            .map_err(|state| PeriodicStartError::NotStopped {
                thread: name(),
                state,
            })?;
        driver::spawn(Arc::clone(thread), body, running.runtime.as_ref()).map_err(|error| {
            match error {
                SpawnError::NoRuntime => PeriodicStartError::NoRuntime { thread: name() },
                SpawnError::Io(source) => PeriodicStartError::Spawn {
                    thread: name(),
                    source,
                },
            }
        })?;
        match &running.watchdog {
            Some(watchdog) => watchdog.recheck(),
            None => running.watchdog = Some(self.start_watchdog()?),
        }
        Ok(())
    }

    fn start_watchdog(self: &Arc<Self>) -> Result<Watchdog, PeriodicStartError> {
        let set = Arc::downgrade(self);
        Watchdog::start(Arc::clone(&self.timeline), move || set.upgrade()?.check()).map_err(
            |source| PeriodicStartError::Spawn {
                thread: "periodic-watch".to_owned(),
                source,
            },
        )
    }

    /// Checks every thread; the next moment at which a fault is possible.
    fn check(&self) -> Option<Moment> {
        self.threads()
            .iter()
            .filter_map(|thread| thread.check())
            .min()
    }

    /// Requests a check, because a run may begin, and so be stuck, earlier than planned.
    pub(super) fn recheck(&self) {
        let running = self.running();
        if let Some(watchdog) = running.as_ref().and_then(|set| set.watchdog.as_ref()) {
            watchdog.recheck();
        }
    }

    /// Removes exactly this thread; another one with its name stays.
    pub(super) fn remove(&self, thread: &ThreadCore) {
        let mut members = self.write();
        if members
            .get(thread.name())
            .is_some_and(|member| std::ptr::eq(&**member, thread))
        {
            members.remove(thread.name());
        }
    }
}
