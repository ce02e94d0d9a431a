//! Instances whose leases have ended, which are listed for some time more.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::instance::Instance;
use super::instance_name::InstanceName;

/// Ended instances by name. It reads no clock.
#[derive(Debug)]
pub(super) struct EndedLeases {
    /// How long an instance is kept after the end of its lease.
    kept_for: Duration,
    by_name: BTreeMap<InstanceName, EndedInstance>,
    /// One entry for each instance: until when it is kept.
    kept_until: BTreeSet<(Instant, InstanceName)>,
}

#[derive(Debug)]
struct EndedInstance {
    kept_until: Instant,
    instance: Instance,
    boot_id: Option<String>,
}

impl EndedLeases {
    /// Keeps nothing if the time is zero.
    pub(super) fn new(kept_for: Duration) -> Self {
        Self {
            kept_for,
            by_name: BTreeMap::new(),
            kept_until: BTreeSet::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Those that are kept, sorted by name.
    pub(super) fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.by_name.values().map(|ended| &ended.instance)
    }

    /// Keeps an instance whose lease has ended then.
    pub(super) fn add(&mut self, instance: Instance, boot_id: Option<String>, end: Instant) {
        if self.kept_for.is_zero() {
            return;
        }
        // A time that no clock can show is never reached.
        let Some(until) = end.checked_add(self.kept_for) else {
            return;
        };
        self.remove(&instance.name);
        self.kept_until.insert((until, instance.name.clone()));
        let ended = EndedInstance {
            kept_until: until,
            boot_id,
            instance,
        };
        self.by_name.insert(ended.instance.name.clone(), ended);
    }

    /// One that is kept, and the start of the process that had the name.
    pub(super) fn get(&self, name: &InstanceName) -> Option<(&Instance, Option<&str>)> {
        let ended = self.by_name.get(name)?;
        Some((&ended.instance, ended.boot_id.as_deref()))
    }

    pub(super) fn remove(&mut self, name: &InstanceName) -> Option<Instance> {
        let ended = self.by_name.remove(name)?;
        self.kept_until.remove(&(ended.kept_until, name.clone()));
        Some(ended.instance)
    }

    /// Removes those of an address, which another process has now.
    pub(super) fn remove_address(&mut self, address: SocketAddr) {
        let there = self
            .instances()
            .filter(|instance| instance.address == address);
        let names: Vec<_> = there.map(|instance| instance.name.clone()).collect();
        for name in names {
            self.remove(&name);
        }
    }

    /// Removes the one whose lease ended first.
    pub(super) fn remove_first(&mut self) {
        if let Some((_, name)) = self.kept_until.pop_first() {
            self.by_name.remove(&name);
        }
    }

    /// Removes those that were kept long enough; whether there were any.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let count = self.len();
        while self
            .kept_until
            .first()
            .is_some_and(|(until, _)| *until <= now)
        {
            self.remove_first();
        }
        self.len() < count
    }
}
