//! The periodic threads of one server.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use tokio::runtime::Handle;

use super::argument::RunContext;
use super::clock::Clock;
use super::descriptor::{Body, PeriodicDescriptor};
use super::driver::{self, NoLoop};
use super::error::PeriodicStartError;
use super::live::Claim;
use super::meters;
use super::schedule::Moment;
use super::thread::{Identity, Thread};
use super::watch::Watch;
use crate::periodic::PeriodicSettings;
use crate::server_state::ServerState;

/// What the clones of [`PeriodicThreads`](super::PeriodicThreads) share.
///
/// Locks are taken in the order `live`, `members`, a thread's own.
pub(super) struct Set {
    server: Option<String>,
    clock: Arc<Clock>,
    seeds: RandomState,
    members: RwLock<Members>,
    live: Mutex<Option<Live>>,
}

type Members = BTreeMap<Arc<str>, Arc<Thread>>;

/// What exists only while the set runs.
struct Live {
    runtime: Option<Handle>,
    /// Both only from the first thread on: an empty set bothers nobody.
    claim: Option<Claim>,
    watch: Option<Watch>,
}

impl Set {
    /// A set with the linked threads, none of them started.
    pub(super) fn new(
        server: Option<String>,
        clock: Clock,
        linked: &[PeriodicDescriptor],
        state: &Arc<ServerState>,
    ) -> Arc<Self> {
        let set = Arc::new(Self {
            server,
            clock: Arc::new(clock),
            seeds: RandomState::new(),
            members: RwLock::default(),
            live: Mutex::default(),
        });
        for descriptor in linked {
            let context = |thread| RunContext {
                server: Arc::clone(state),
                thread,
            };
            let body = |thread| Body::of(descriptor.body, context(thread));
            let thread = set.thread(
                descriptor.name.into(),
                descriptor.docs,
                descriptor.settings,
                Some(descriptor.source),
                body,
            );
            set.write().insert(Arc::clone(&thread.name), thread);
        }
        set
    }

    /// A thread of this set that is not in it yet.
    pub(super) fn thread(
        self: &Arc<Self>,
        name: Arc<str>,
        docs: &'static str,
        settings: PeriodicSettings,
        source: Option<crate::source::Source>,
        body: impl FnOnce(Weak<Thread>) -> Body,
    ) -> Arc<Thread> {
        let seed = self.seeds.hash_one(&name);
        let server = self.server.as_deref();
        let identity = Identity {
            name,
            docs,
            settings,
            source,
            server,
            seed,
        };
        Thread::new(
            identity,
            Arc::clone(&self.clock),
            Arc::downgrade(self),
            body,
        )
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Members> {
        self.members.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Thread>> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.get(name).cloned()
    }

    /// Every thread, sorted by name.
    pub(super) fn threads(&self) -> Vec<Arc<Thread>> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.values().cloned().collect()
    }

    #[cfg(test)]
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Starts every thread; all or none.
    pub(super) fn start(
        self: &Arc<Self>,
        runtime: Option<&Handle>,
    ) -> Result<(), PeriodicStartError> {
        let mut live = self.live();
        if live.is_some() {
            return Err(PeriodicStartError::AlreadyStarted);
        }
        let running = live.insert(Live {
            runtime: runtime.cloned(),
            claim: None,
            watch: None,
        });
        for thread in self.threads() {
            if let Err(error) = self.start_one(running, &thread) {
                self.threads()
                    .iter()
                    .for_each(|thread| thread.request_stop());
                *live = None;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Asks every thread to stop and waits; the names of those that are still inside a run.
    pub(super) fn stop(&self, timeout: Duration) -> Vec<Arc<str>> {
        let Some(live) = self.live().take() else {
            return Vec::new();
        };
        drop(live.watch);
        let threads = self.threads();
        threads.iter().for_each(|thread| thread.request_stop());
        let clock = Clock::system();
        let late = threads
            .iter()
            .filter(|thread| !thread.wait_until_stopped(timeout.saturating_sub(clock.now())));
        late.map(|thread| Arc::clone(&thread.name)).collect()
    }

    /// Starts one thread of the set again.
    pub(super) fn restart(
        self: &Arc<Self>,
        thread: &Arc<Thread>,
    ) -> Result<(), PeriodicStartError> {
        match &mut *self.live() {
            Some(live) => self.start_one(live, thread),
            None => Err(PeriodicStartError::SetNotStarted {
                thread: thread.name.to_string(),
            }),
        }
    }

    /// Takes a thread in and, if the set runs, starts it.
    pub(super) fn join(self: &Arc<Self>, thread: &Arc<Thread>) -> Result<(), PeriodicStartError> {
        let mut live = self.live();
        {
            let mut members = self.write();
            if members.contains_key(&thread.name) {
                return Err(PeriodicStartError::NameTaken {
                    thread: thread.name.to_string(),
                });
            }
            members.insert(Arc::clone(&thread.name), Arc::clone(thread));
        }
        if let Some(live) = &mut *live
            && let Err(error) = self.start_one(live, thread)
        {
            self.remove(thread);
            return Err(error);
        }
        Ok(())
    }

    fn start_one(
        self: &Arc<Self>,
        live: &mut Live,
        thread: &Arc<Thread>,
    ) -> Result<(), PeriodicStartError> {
        let name = || thread.name.to_string();
        if live.claim.is_none() {
            let second = || PeriodicStartError::SecondSet {
                name: self.server.clone(),
            };
            live.claim = Some(Claim::take(self.server.as_deref()).ok_or_else(second)?);
            meters::describe();
        }
        let body = thread
            .start()
            .map_err(|state| PeriodicStartError::NotStopped {
                thread: name(),
                state,
            })?;
        match driver::spawn(Arc::clone(thread), body, live.runtime.as_ref()) {
            Ok(()) => {}
            Err(NoLoop::NoRuntime) => {
                return Err(PeriodicStartError::NoRuntime { thread: name() });
            }
            Err(NoLoop::Spawn(source)) => {
                return Err(PeriodicStartError::Spawn {
                    thread: name(),
                    source,
                });
            }
        }
        match &live.watch {
            Some(watch) => watch.look_again(),
            None => {
                let set = Arc::downgrade(self);
                let watch = Watch::start(Arc::clone(&self.clock), move || set.upgrade()?.observe());
                live.watch = Some(watch.map_err(|source| PeriodicStartError::Spawn {
                    thread: "periodic-watch".to_owned(),
                    source,
                })?);
            }
        }
        Ok(())
    }

    fn observe(&self) -> Option<Moment> {
        self.threads()
            .iter()
            .filter_map(|thread| thread.observe())
            .min()
    }

    /// Says that a run may begin, and so hang, earlier than planned.
    pub(super) fn look_again(&self) {
        if let Some(watch) = self.live().as_ref().and_then(|live| live.watch.as_ref()) {
            watch.look_again();
        }
    }

    /// Takes out this very thread; another one of its name stays.
    pub(super) fn remove(&self, thread: &Thread) {
        let mut members = self.write();
        if members
            .get(&thread.name)
            .is_some_and(|member| std::ptr::eq(&**member, thread))
        {
            members.remove(&thread.name);
        }
    }
}
