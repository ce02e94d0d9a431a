//! The endpoints that `Builder::exclude` removes from a server.

use super::patterns::{EndpointPattern, unknown_pattern};
use crate::endpoint::EndpointDescriptor;
use crate::registry::Problem;

/// Removes what the patterns match; each pattern that matches nothing is a problem.
pub(crate) fn exclusions(
    endpoints: &mut Vec<EndpointDescriptor>,
    patterns: &[String],
) -> Vec<Problem> {
    let excluded = patterns.iter();
    excluded
        .filter_map(|pattern| exclude(endpoints, pattern))
        .collect()
}

/// Takes endpoints off; a pattern that fits none is a problem.
fn exclude(endpoints: &mut Vec<EndpointDescriptor>, pattern: &str) -> Option<Problem> {
    let fitting = EndpointPattern::new(pattern);
    if !endpoints.iter().any(|endpoint| fitting.fits(endpoint)) {
        return Some(unknown_pattern("exclude", pattern, endpoints));
    }
    endpoints.retain(|endpoint| !fitting.fits(endpoint));
    None
}
