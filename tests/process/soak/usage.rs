//! What a process uses.

use std::cell::Cell;
use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use admin_tests::poll_until;

/// How long figures stay the same before they count: connections end, threads that have nothing to do end.
const SETTLE_TIME: Duration = Duration::from_secs(1);

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    memory_kib: u64,
    threads: u64,
    descriptors: u64,
    children: u64,
}

impl Usage {
    fn read(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.expect("a field").parse().expect("a number")
        };
        Self {
            memory_kib: field("RssAnon:"),
            threads: field("Threads:"),
            descriptors: count(&format!("/proc/{process}/fd")),
            children: children(process),
        }
    }

    /// What it uses once that has not changed for a while, memory excepted.
    pub(super) fn settled(process: u32) -> Self {
        let last = Cell::new((Self::read(process), Instant::now()));
        poll_until("usage that settles", || {
            let now = Self::read(process);
            let (before, since) = last.get();
            if now.without_memory() != before.without_memory() {
                last.set((now, Instant::now()));
                return None;
            }
            (since.elapsed() >= SETTLE_TIME).then_some(now)
        })
    }

    /// What it uses once that is at most as much as before, or after a while.
    pub(super) fn at_most(process: u32, before: &Self, margin_kib: u64) -> Self {
        let begun = Instant::now();
        poll_until("usage", || {
            let now = Self::read(process);
            let is_late = begun.elapsed() > Duration::from_secs(50);
            (is_late || now.is_at_most(before, margin_kib)).then_some(now)
        })
    }

    pub(super) fn is_at_most(&self, before: &Self, margin_kib: u64) -> bool {
        self.memory_kib <= before.memory_kib + margin_kib
            && self.threads <= before.threads
            && self.descriptors <= before.descriptors
            && self.children <= before.children
    }

    fn without_memory(self) -> [u64; 3] {
        [self.threads, self.descriptors, self.children]
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory_kib,
            threads,
            descriptors,
            children,
        } = self;
        write!(
            f,
            "{memory_kib} KiB, {threads} threads, {descriptors} descriptors, {children} children"
        )
    }
}

fn count(folder: &str) -> u64 {
    fs::read_dir(folder).unwrap().count() as u64
}

/// Processes whose parent this is.
fn children(process: u32) -> u64 {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let is_child = |entry: fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, fields) = stat.rsplit_once(") ")?;
        let parent: u32 = fields.split(' ').nth(1)?.parse().ok()?;
        (parent == process).then_some(())
    };
    processes.filter_map(is_child).count() as u64
}
