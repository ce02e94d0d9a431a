//! The endpoints that `Builder::public` opens to callers without credentials.

use super::patterns::{EndpointPattern, unknown_pattern};
use crate::endpoint::EndpointDescriptor;
use crate::registry::Problem;
use crate::server_context::PublicEndpoints;

/// What the patterns match; each pattern that matches nothing is a problem.
pub(crate) fn public(
    endpoints: &[EndpointDescriptor],
    patterns: &[String],
) -> (PublicEndpoints, Vec<Problem>) {
    let mut public = PublicEndpoints::new();
    let mut problems = Vec::new();
    for pattern in patterns {
        let fitting = EndpointPattern::new(pattern);
        let fitting = endpoints.iter().filter(|endpoint| fitting.fits(endpoint));
        let fitting: Vec<_> = fitting.map(|found| (found.method, found.path)).collect();
        if fitting.is_empty() {
            problems.push(unknown_pattern("public", pattern, endpoints));
        }
        public.extend(fitting);
    }
    (public, problems)
}
