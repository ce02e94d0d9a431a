//! What a server knows that its dumps need: its settings, its periodic threads, and where its
//! crates were built.

use std::collections::HashMap;

use admin_runtime::describe::{ArgumentDescriptor, SourceLocation};
use admin_runtime::periodic::{ThreadState, ThreadStatus};
use admin_runtime::{AdminError, Config, Extractor, RequestContext};

use super::config::ThreadsConfig;
use super::info::PeriodicInfo;
use crate::source_path::{build_roots, shortened};

/// The part of a dump that differs between two servers of one process.
#[derive(Debug, Default)]
pub(crate) struct DumpContext {
    pub(super) config: ThreadsConfig,
    /// The directories that the crates with endpoints were built in.
    pub(super) build_roots: Vec<String>,
    /// The server's periodic threads by name.
    pub(super) periodic: HashMap<String, PeriodicInfo>,
}

impl Extractor for DumpContext {
    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        let config = Config::<ThreadsConfig>::extract(request, argument)?;
        let build_roots = build_roots(request.registry());
        let threads = request.periodic_threads().all();
        let periodic = threads.iter().map(|thread| {
            let info = periodic_info(&thread.status(), thread.source(), &build_roots);
            (thread.name().to_owned(), info)
        });
        Ok(Self {
            config: ThreadsConfig::clone(&config),
            periodic: periodic.collect(),
            build_roots,
        })
    }
}

fn periodic_info(
    status: &ThreadStatus,
    source: Option<&SourceLocation>,
    build_roots: &[String],
) -> PeriodicInfo {
    let is_in_a_run = matches!(
        status.state,
        ThreadState::Running | ThreadState::Stuck | ThreadState::Stopping
    );
    let mut info = PeriodicInfo::new(status.level.as_str(), status.state.as_str());
    info.function = source.map(|source| {
        let file = shortened(source.file(), build_roots);
        format!(
            "{}::{} at {file}:{}",
            source.module(),
            source.function(),
            source.line()
        )
    });
    info.run = status.last_run_ago.filter(|_| is_in_a_run);
    info
}
