//! Instances that restart, and what the directory should list meanwhile.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use crate::directory_process::DirectoryProcess;
use crate::instances::Announced;

/// Restarts in a second.
const RESTARTS_PER_SECOND: u32 = 10;

/// The lease of instances: short, so that leases of killed ones end during the run.
const TTL_SECONDS: u64 = 6;

/// The time between two announcements of an instance.
const INTERVAL: Duration = Duration::from_secs(2);

/// One of so many restarts is a kill: nothing is removed, and the name is taken until the lease ends.
const KILL_RATIO: u64 = 4;

pub(crate) struct RestartReport {
    pub(crate) restarts: u64,
    pub(crate) kills: u64,
    pub(crate) lists: u64,
    pub(crate) lost_or_doubled: u64,
}

/// What is known of an instance.
struct RunningInstance {
    announced: Announced,
    next: Instant,
    /// Whether the directory has accepted this start of it, so that it must be listed.
    is_accepted: bool,
}

pub(crate) fn run(
    directory: &DirectoryProcess,
    announced: &mut [Announced],
    duration: Duration,
) -> RestartReport {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let began = Instant::now();
    let count = u32::try_from(announced.len()).unwrap();
    let mut instances: Vec<_> = announced
        .iter()
        .zip(0..)
        .map(|(one, number)| RunningInstance {
            announced: Announced {
                ttl_seconds: TTL_SECONDS,
                ..one.clone()
            },
            next: began + INTERVAL * number / count,
            is_accepted: true,
        })
        .collect();
    let mut report = RestartReport {
        restarts: 0,
        kills: 0,
        lists: 0,
        lost_or_doubled: 0,
    };
    let mut next_restart = began;
    while began.elapsed() < duration {
        let now = Instant::now();
        for one in instances.iter_mut().filter(|one| one.next <= now) {
            one.is_accepted = directory.try_announce(&one.announced) == 200;
            one.next = now + INTERVAL;
        }
        if next_restart <= now {
            next_restart += Duration::from_secs(1) / RESTARTS_PER_SECOND;
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let index = usize::try_from(random >> 33).unwrap() % instances.len();
            report.restarts += 1;
            let is_kill = report.restarts.is_multiple_of(KILL_RATIO);
            report.kills += u64::from(is_kill);
            restart(directory, &mut instances[index], is_kill);
            report.lists += 1;
            report.lost_or_doubled += compare(directory, &instances);
        }
        thread::sleep(Duration::from_millis(1));
    }
    report
}

fn restart(directory: &DirectoryProcess, one: &mut RunningInstance, is_kill: bool) {
    if one.is_accepted && !is_kill {
        directory.remove(&one.announced);
    }
    one.announced.boot += 1;
    one.is_accepted = directory.try_announce(&one.announced) == 200;
}

/// How many instances are not listed although they must be, or more than once.
fn compare(directory: &DirectoryProcess, instances: &[RunningInstance]) -> u64 {
    let list = directory.get("/fleet/targets");
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let mut listed: BTreeMap<&str, u64> = BTreeMap::new();
    for group in list.as_array().unwrap() {
        let name = group["labels"]["__meta_admin_name"].as_str().unwrap();
        *listed.entry(name).or_default() += 1;
    }
    let wrong = instances.iter().filter(|one| {
        let times = listed.remove(one.announced.name.as_str()).unwrap_or(0);
        times > 1 || (one.is_accepted && times == 0)
    });
    let wrong = wrong.count();
    u64::try_from(wrong + listed.len()).unwrap()
}
