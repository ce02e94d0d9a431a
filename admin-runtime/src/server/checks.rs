//! What `build()` checks before anything is assembled.

use crate::discover;
use crate::endpoint::EndpointDescriptor;
use crate::periodic::descriptor::PeriodicDescriptor;
use crate::registry::{Problem, unlinked};
use crate::request::ArgumentKind;
use crate::server_state::ServerState;

/// Proof of completeness: every crate named in `link!` is there, and at least one crate is.
pub(super) fn link(
    endpoints: &[EndpointDescriptor],
    periodic: &[PeriodicDescriptor],
) -> Vec<Problem> {
    let own = |endpoint: &EndpointDescriptor| {
        endpoint.source.module.split("::").next() == Some(env!("CARGO_CRATE_NAME"))
    };
    let registered: Vec<_> = endpoints
        .iter()
        .map(|endpoint| endpoint.source.crate_name)
        .chain(periodic.iter().map(|thread| thread.source.crate_name))
        .collect();
    let mut expected: Vec<_> = discover::link_expectations().collect();
    expected.sort_by_key(|link| (link.file, link.line, link.crate_name));
    let mut problems = unlinked(&expected, &registered);
    if endpoints.iter().all(own) && periodic.is_empty() && problems.is_empty() {
        problems.push(Problem::NothingLinked);
    }
    problems
}

/// Takes endpoints off; a pattern that fits none is a problem.
pub(super) fn exclude(endpoints: &mut Vec<EndpointDescriptor>, pattern: &str) -> Option<Problem> {
    let before = endpoints.len();
    let (method, path) = match pattern.split_once(' ') {
        Some((method, path)) => (Some(method), path),
        None => (None, pattern),
    };
    let paths: Vec<_> = endpoints.iter().map(|endpoint| endpoint.path).collect();
    endpoints.retain(|endpoint| {
        let fits_path = match path.strip_suffix('*') {
            Some(prefix) => endpoint.path.starts_with(prefix),
            None => endpoint.path == path,
        };
        !(fits_path && method.is_none_or(|method| method == endpoint.method.as_str()))
    });
    (endpoints.len() == before).then(|| {
        let mut paths = paths;
        paths.sort_unstable();
        paths.dedup();
        Problem::UnknownExclude {
            pattern: pattern.to_owned(),
            paths,
        }
    })
}

/// State that endpoints take and the builder was not given.
pub(super) fn missing_state(endpoints: &[EndpointDescriptor], state: &ServerState) -> Vec<Problem> {
    let asked = endpoints.iter().flat_map(|endpoint| {
        endpoint
            .arguments
            .iter()
            .map(move |argument| (endpoint, argument.kind))
    });
    asked
        .filter_map(|(endpoint, kind)| match kind {
            ArgumentKind::State(need) if !state.has(need) => Some(Problem::MissingState {
                type_name: (need.type_name)(),
                user: endpoint.path,
                at: endpoint.source,
            }),
            _ => None,
        })
        .collect()
}

/// State that periodic threads take and the builder was not given.
pub(super) fn missing_periodic_state(
    threads: &[PeriodicDescriptor],
    state: &ServerState,
) -> Vec<Problem> {
    let asked = threads.iter().flat_map(|thread| {
        thread
            .required_state
            .iter()
            .flatten()
            .map(move |required| (thread, required))
    });
    let missing = asked.filter(|(_, required)| !state.has(**required));
    missing
        .map(|(thread, required)| Problem::MissingState {
            type_name: (required.type_name)(),
            user: thread.name,
            at: thread.source,
        })
        .collect()
}
