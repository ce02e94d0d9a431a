//! The table of instances. It reads no clock: each call says what time it is.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::announcement::ValidAnnouncement;
use super::ended_leases::EndedLeases;
use super::instance::{Instance, LeaseState};
use super::instance_name::InstanceName;
use super::limits::MAX_INSTANCES;
use super::removed_starts::RemovedStarts;

/// The time on both clocks: the monotonic one, which decides, and the wall clock, which is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct DirectoryTime {
    pub(super) monotonic: Instant,
    pub(super) wall: SystemTime,
}

#[derive(Debug)]
struct InstanceLease {
    instance: Instance,
    boot_id: Option<String>,
    end: Instant,
}

/// The instances by name, and the ends of their leases.
#[derive(Debug)]
pub(super) struct InstanceDirectory {
    leases: BTreeMap<InstanceName, InstanceLease>,
    /// One entry for each lease.
    ends: BTreeSet<(Instant, InstanceName)>,
    /// Their names are not those of leases.
    ended: EndedLeases,
    removed: RemovedStarts,
    since: SystemTime,
    /// How often the list has changed: instances, their labels, schemes and the states of their leases.
    changes: u64,
}

/// What an announcement has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GrantedLease {
    pub(super) expires: SystemTime,
    pub(super) change: LeaseChange,
}

/// What was there before an announcement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LeaseChange {
    /// The same instance with the same labels and the same scheme.
    Renewed,
    /// The same instance with other labels, or another scheme.
    Updated {
        before: Box<Instance>,
        after: Box<Instance>,
    },
    /// Nothing, or an instance of this name whose lease had ended.
    Registered {
        before: Option<Box<Instance>>,
        after: Box<Instance>,
    },
}

/// Why an instance is not registered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RegisterError {
    /// Another process has the name.
    NameTaken {
        address: SocketAddr,
        expires: SystemTime,
        retry_after: Duration,
    },
    /// This start of the process has removed the instance.
    Removed,
    /// There are [`MAX_INSTANCES`]; the time until one of their leases ends.
    Full { retry_after: Duration },
}

/// Why an instance is not removed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RemoveError {
    Unknown,
    /// The name belongs to another start of the process.
    OtherBoot {
        address: SocketAddr,
    },
}

impl InstanceDirectory {
    pub(super) fn new(since: SystemTime) -> Self {
        Self {
            leases: BTreeMap::new(),
            ends: BTreeSet::new(),
            ended: EndedLeases::new(Duration::ZERO),
            removed: RemovedStarts::default(),
            since,
            changes: 0,
        }
    }

    /// Keeps instances for so long after the end of their leases.
    pub(super) fn keep_ended(&mut self, time: Duration) {
        self.ended = EndedLeases::new(time);
    }

    /// When it began, empty.
    pub(super) fn since(&self) -> SystemTime {
        self.since
    }

    /// Grants or renews a lease.
    pub(super) fn register(
        &mut self,
        name: &InstanceName,
        announced: ValidAnnouncement,
        now: DirectoryTime,
    ) -> Result<GrantedLease, RegisterError> {
        self.expire(now.monotonic);
        let expires = now.wall + announced.ttl;
        let end = now.monotonic + announced.ttl;
        if let Some(lease) = self.leases.get_mut(name) {
            let is_same_process =
                lease.instance.address == announced.address && lease.boot_id == announced.boot_id;
            if !is_same_process {
                return Err(RegisterError::NameTaken {
                    address: lease.instance.address,
                    expires: lease.instance.expires,
                    retry_after: lease.end.saturating_duration_since(now.monotonic),
                });
            }
            self.ends.remove(&(lease.end, name.clone()));
            self.ends.insert((end, name.clone()));
            lease.end = end;
            let instance = &mut lease.instance;
            let is_renewal =
                *instance.labels == announced.labels && instance.scheme == announced.scheme;
            instance.renewed = now.wall;
            instance.expires = expires;
            if is_renewal {
                return Ok(GrantedLease {
                    expires,
                    change: LeaseChange::Renewed,
                });
            }
            self.changes += 1;
            let before = Box::new(instance.clone());
            instance.labels = Arc::new(announced.labels);
            instance.scheme = announced.scheme;
            let after = Box::new(instance.clone());
            return Ok(GrantedLease {
                expires,
                change: LeaseChange::Updated { before, after },
            });
        }
        if let Some(boot_id) = &announced.boot_id
            && self.removed.contain(name, boot_id, now.monotonic)
        {
            return Err(RegisterError::Removed);
        }
        if self.leases.len() >= MAX_INSTANCES {
            let first_end = self.ends.first().map(|(end, _)| *end);
            let left = first_end.map(|end| end.saturating_duration_since(now.monotonic));
            return Err(RegisterError::Full {
                retry_after: left.unwrap_or_default(),
            });
        }
        let before = self.ended.remove(name).map(Box::new);
        self.ended.remove_address(announced.address);
        if self.leases.len() + self.ended.len() >= MAX_INSTANCES {
            self.ended.remove_first();
        }
        self.ends.insert((end, name.clone()));
        let instance = Instance {
            name: name.clone(),
            address: announced.address,
            scheme: announced.scheme,
            labels: Arc::new(announced.labels),
            registered: now.wall,
            renewed: now.wall,
            expires,
        };
        let after = Box::new(instance.clone());
        let lease = InstanceLease {
            instance,
            boot_id: announced.boot_id,
            end,
        };
        self.leases.insert(name.clone(), lease);
        self.changes += 1;
        Ok(GrantedLease {
            expires,
            change: LeaseChange::Registered { before, after },
        })
    }

    /// Ends a lease; with a `boot_id` only that of this start of the process. Returns its address.
    /// An instance that is kept after the end of its lease is removed by the same rule.
    pub(super) fn remove(
        &mut self,
        name: &InstanceName,
        boot_id: Option<&str>,
        now: DirectoryTime,
    ) -> Result<SocketAddr, RemoveError> {
        self.expire(now.monotonic);
        let live = self.leases.get(name);
        let live = live.map(|lease| (&lease.instance, lease.boot_id.as_deref()));
        let found = live.or_else(|| self.ended.get(name));
        let (instance, own_boot_id) = found.ok_or(RemoveError::Unknown)?;
        let address = instance.address;
        if boot_id.is_some() && own_boot_id != boot_id {
            return Err(RemoveError::OtherBoot { address });
        }
        if let Some(lease) = self.leases.remove(name) {
            self.ends.remove(&(lease.end, name.clone()));
        }
        self.ended.remove(name);
        if let Some(boot_id) = boot_id {
            let start = boot_id.to_owned();
            self.removed.add(name.clone(), start, now.monotonic);
        }
        self.changes += 1;
        Ok(address)
    }

    /// The instances whose leases live, sorted by name.
    pub(super) fn instances(&mut self, now: DirectoryTime) -> Vec<Instance> {
        self.expire(now.monotonic);
        let leases = self.leases.values();
        leases.map(|lease| lease.instance.clone()).collect()
    }

    /// A number that is another one after each change of what [`listed`](Self::listed) shows beside times.
    pub(super) fn changes(&mut self, now: DirectoryTime) -> u64 {
        self.expire(now.monotonic);
        self.changes
    }

    /// The instances whose leases live, and those whose leases have ended not long ago, sorted by name.
    pub(super) fn listed(&mut self, now: DirectoryTime) -> Vec<(Instance, LeaseState)> {
        let live = self.instances(now).into_iter();
        let live = live.map(|instance| (instance, LeaseState::Live));
        let ended = self.ended.instances().cloned();
        let ended = ended.map(|instance| (instance, LeaseState::Ended));
        let mut listed: Vec<_> = live.chain(ended).collect();
        listed.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        listed
    }

    fn expire(&mut self, now: Instant) {
        let mut ended = Vec::new();
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            let first = self.ends.pop_first();
            ended.extend(first.and_then(|(_, name)| self.leases.remove(&name)));
        }
        if !ended.is_empty() {
            self.changes += 1;
            let leases = self.leases.values();
            let used: HashSet<_> = leases.map(|lease| lease.instance.address).collect();
            // Another process has the address of the others.
            ended.retain(|lease| !used.contains(&lease.instance.address));
            for lease in ended {
                self.ended.add(lease.instance, lease.boot_id, lease.end);
            }
        }
        if self.ended.expire(now) {
            self.changes += 1;
        }
    }
}

#[cfg(test)]
mod tests;
