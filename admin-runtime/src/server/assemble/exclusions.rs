//! The endpoints that `Builder::exclude` removes from a server.

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
