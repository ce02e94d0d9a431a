//! What the server that asks for a dump knows of its own threads and sources.

use super::facts::Periodic;
use super::source_path::build_root;
use admin_runtime::{
    AdminError, ArgumentDescriptor, Call, Extractor, PeriodicFilter, PeriodicState,
    PeriodicThreads, Registry,
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
    fn extract(call: &mut Call, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self {
            build_roots: build_roots(call.registry()),
            periodic: periodic_facts(call.periodic_threads()),
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

fn periodic_facts(threads: &PeriodicThreads) -> HashMap<String, Periodic> {
    let threads = threads.overview(&PeriodicFilter::default()).threads;
    threads
        .into_iter()
        .map(|thread| {
            let is_in_a_run = matches!(
                thread.state,
                PeriodicState::Running | PeriodicState::Stuck | PeriodicState::Stopping
            );
            let facts = Periodic {
                level: thread.level.as_str(),
                state: thread.state.as_str(),
                run: thread.last_run_ago.filter(|_| is_in_a_run),
            };
            (thread.name.to_string(), facts)
        })
        .collect()
}
