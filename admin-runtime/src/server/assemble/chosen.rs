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

/// A warning for each pattern that makes everything public that can be.
pub(crate) fn public_everything(
    endpoints: &[EndpointDescriptor],
    patterns: &[String],
) -> Vec<String> {
    let fits_all = |text: &&String| {
        let pattern = EndpointPattern::new(text);
        endpoints.iter().all(|endpoint| pattern.fits(endpoint))
    };
    let patterns = patterns.iter().filter(fits_all);
    let warnings = patterns.map(|pattern| {
        format!("public({pattern:?}) answers every read that is not sensitive without credentials, such as the environment and stack traces: name paths, such as /livez")
    });
    warnings.collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover;

    #[test]
    fn only_patterns_of_everything_are_warned_about() {
        let endpoints: Vec<_> = discover::endpoints().collect();
        assert!(endpoints.len() > 1);
        let warnings = |pattern: &str| public_everything(&endpoints, &[pattern.to_owned()]);
        for pattern in ["*", "/*"] {
            let [warning] = &warnings(pattern)[..] else {
                panic!("one warning");
            };
            let text = format!("public({pattern:?}) answers every read");
            assert!(warning.starts_with(&text), "{warning}");
        }
        assert!(warnings("/").is_empty());
        assert!(warnings("/openapi*").is_empty());
    }
}
