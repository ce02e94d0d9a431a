//! The endpoints that `Builder::public` and `Listener::only` choose.

use super::patterns::{EndpointPattern, unknown_pattern};
use crate::endpoint::{Effect, EndpointDescriptor};
use crate::registry::Problem;
use crate::server_context::EndpointSet;

/// The endpoints that are answered without credentials. Of those that a pattern matches, one must be a read of
/// data that is not sensitive: the others are never public.
pub(crate) fn public(
    endpoints: &[EndpointDescriptor],
    patterns: &[String],
) -> (EndpointSet, Vec<Problem>) {
    let (chosen, mut problems) = chosen("public", endpoints, patterns);
    for text in patterns {
        let pattern = EndpointPattern::new(text);
        let fitting = endpoints.iter().filter(|endpoint| pattern.fits(endpoint));
        let fitting: Vec<_> = fitting.collect();
        let is_protected =
            |endpoint: &&EndpointDescriptor| endpoint.effect > Effect::Read || endpoint.sensitive;
        if !fitting.is_empty() && fitting.iter().all(is_protected) {
            problems.push(Problem::Setting {
                setting: format!("public({text:?})"),
                reason: "only writes and sensitive reads match, which always need credentials: \
                         name a read such as /livez"
                    .to_owned(),
            });
        }
    }
    (chosen, problems)
}

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
