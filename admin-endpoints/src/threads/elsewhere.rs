//! Where stacks cannot be taken: the threads that registered a name, and an honest line.

use super::facts::{Facts, State};
use super::report::{NoStack, Report, ThreadReport};
use admin_runtime::thread_names;
use std::io;
use std::time::Duration;

pub(super) struct Collector;

impl Collector {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) fn shield_this_thread() {}

    pub(super) fn collect(
        &mut self,
        wanted: &dyn Fn(u64, &str) -> bool,
        _frames: usize,
    ) -> io::Result<Report> {
        let mut threads: Vec<_> = thread_names::snapshot()
            .into_iter()
            .filter(|(tid, name)| wanted(*tid, name))
            .map(|(tid, name)| ThreadReport {
                facts: Facts {
                    tid,
                    name: name.to_string(),
                    state: State::Unknown,
                    syscall: None,
                    wait_channel: None,
                    cpu: Duration::ZERO,
                    cpu_wait: None,
                    context_switches: None,
                    age: Duration::ZERO,
                    periodic: None,
                },
                stack: Err(NoStack::Unsupported),
            })
            .collect();
        threads.sort_by_key(|thread| thread.facts.tid);
        let notes =
            vec!["only threads that registered a full name are listed on this system".into()];
        Ok(Report { threads, notes })
    }

    pub(super) fn hide_build_roots(&mut self, _roots: &[String]) {}

    pub(super) fn release(&mut self) {}

    pub(super) fn holds_tables(&self) -> bool {
        false
    }
}
