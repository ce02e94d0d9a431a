//! The endpoints that `Builder::public` and `Listener::only` choose.

use super::patterns::{EndpointPattern, unknown_pattern};
use crate::endpoint::EndpointDescriptor;
use crate::registry::Problem;
use crate::server_context::EndpointSet;

/// What the patterns of a setting match; each pattern that matches nothing is a problem.
pub(crate) fn chosen(
    setting: &'static str,
    endpoints: &[EndpointDescriptor],
    patterns: &[String],
) -> (EndpointSet, Vec<Problem>) {
    let mut chosen = EndpointSet::new();
    let mut problems = Vec::new();
    for pattern in patterns {
        let fitting = EndpointPattern::new(pattern);
        let fitting = endpoints.iter().filter(|endpoint| fitting.fits(endpoint));
        let fitting: Vec<_> = fitting.map(|found| (found.method, found.path)).collect();
        if fitting.is_empty() {
            problems.push(unknown_pattern(setting, pattern, endpoints));
        }
        chosen.extend(fitting);
    }
    (chosen, problems)
}
