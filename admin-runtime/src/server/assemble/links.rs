//! Crates that `link!` names and that registered nothing.

use crate::discover;
use crate::endpoint::EndpointDescriptor;
use crate::health::descriptor::HealthCheckDescriptor;
use crate::periodic::descriptor::PeriodicDescriptor;
use crate::registry::{Problem, unlinked};

/// Proof of completeness: every crate named in `link!` is there, and at least one crate is.
pub(crate) fn links(
    endpoints: &[EndpointDescriptor],
    periodic: &[PeriodicDescriptor],
    checks: &[HealthCheckDescriptor],
) -> Vec<Problem> {
    let own = |endpoint: &EndpointDescriptor| {
        endpoint.source.module.split("::").next() == Some(env!("CARGO_CRATE_NAME"))
    };
    let registered: Vec<_> = endpoints
        .iter()
        .map(|endpoint| endpoint.source.crate_name)
        .chain(periodic.iter().map(|thread| thread.source.crate_name))
        .chain(checks.iter().map(|check| check.source.crate_name))
        .collect();
    let mut expected: Vec<_> = discover::link_expectations().collect();
    expected.sort_by_key(|link| (link.file, link.line, link.crate_name));
    let mut problems = unlinked(&expected, &registered);
    let has_no_run = periodic.is_empty() && checks.is_empty();
    if endpoints.iter().all(own) && has_no_run && problems.is_empty() {
        problems.push(Problem::NothingLinked);
    }
    problems
}
