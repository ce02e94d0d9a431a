//! What the server that asks for a dump knows of its own threads and sources.

use super::facts::Periodic;
use super::source_path::{build_root, shortened};
use admin_runtime::{
    AdminError, ArgumentDescriptor, Extractor, PeriodicState, Registry, RequestContext, Source,
    ThreadStatus,
};
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct AskingServer {
    /// Directories that the crates with endpoints were built in.
    pub(super) build_roots: Vec<String>,
    /// Its periodic threads, by name.
    pub(super) periodic: HashMap<String, Periodic>,
}

impl Extractor for AskingServer {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let build_roots = build_roots(request.registry());
        let threads = request.periodic_threads().all();
        let periodic = threads.iter().map(|thread| {
            (
                thread.name().to_owned(),
                facts(&thread.status(), thread.source(), &build_roots),
            )
        });
        Ok(Self {
            periodic: periodic.collect(),
            build_roots,
        })
    }
}

fn build_roots(registry: &Registry) -> Vec<String> {
    let sources = registry.endpoints().iter().map(|endpoint| &endpoint.source);
    let mut roots: Vec<&str> = sources
        .filter_map(|source| build_root(source.manifest_dir, source.file))
        .collect();
    roots.sort_unstable();
    roots.dedup();
    roots.into_iter().map(str::to_owned).collect()
}

fn facts(status: &ThreadStatus, source: Option<&Source>, build_roots: &[String]) -> Periodic {
    let is_in_a_run = matches!(
        status.state,
        PeriodicState::Running | PeriodicState::Stuck | PeriodicState::Stopping
    );
    let function = source.map(|source| {
        let file = shortened(source.file, build_roots);
        format!(
            "{}::{} at {file}:{}",
            source.module, source.function, source.line
        )
    });
    Periodic {
        level: status.level.as_str(),
        state: status.state.as_str(),
        function,
        run: status.last_run_ago.filter(|_| is_in_a_run),
    }
}
