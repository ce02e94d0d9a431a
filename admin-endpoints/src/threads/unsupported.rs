//! Replaces `capture` where stacks are not available: lists the threads that registered a name.

use admin_runtime::thread_names;

use super::config::DumpSettings;
use super::error::CaptureError;
use super::info::ThreadInfo;
use super::report::{NoStack, Report, ThreadReport};

pub(crate) struct Collector;

impl Collector {
    pub(crate) fn new() -> Result<Self, CaptureError> {
        Ok(Self)
    }

    pub(crate) fn block_application_signals() {}

    pub(crate) fn collect(
        &mut self,
        is_wanted: &dyn Fn(u64, &str) -> bool,
        _settings: DumpSettings,
    ) -> Result<Report, CaptureError> {
        let mut threads: Vec<ThreadReport> = thread_names::snapshot()
            .into_iter()
            .filter(|(tid, name)| is_wanted(*tid, name))
            .map(|(tid, name)| {
                ThreadReport::new(ThreadInfo::new(tid, &*name), Err(NoStack::Unsupported))
            })
            .collect();
        threads.sort_by_key(|thread| thread.info.tid);
        let note = "only threads that registered a name are listed on this system";
        Ok(Report {
            threads,
            notes: vec![note.into()],
        })
    }

    pub(crate) fn hide_build_roots(&mut self, _roots: &[String]) {}

    pub(crate) fn release(&mut self) {}
}
