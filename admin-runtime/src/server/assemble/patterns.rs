//! Patterns that choose endpoints: a path as declared, a method and a path, or all below a prefix.

use crate::endpoint::EndpointDescriptor;
use crate::registry::Problem;

/// `/cache/{tier}`, `POST /run_script` or `/cache/*`.
pub(super) struct EndpointPattern<'a> {
    method: Option<&'a str>,
    path: &'a str,
}

impl<'a> EndpointPattern<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        match text.split_once(' ') {
            Some((method, path)) => Self {
                method: Some(method),
                path,
            },
            None => Self {
                method: None,
                path: text,
            },
        }
    }

    pub(super) fn fits(&self, endpoint: &EndpointDescriptor) -> bool {
        let fits_path = match self.path.strip_suffix('*') {
            Some(prefix) => endpoint.path.starts_with(prefix),
            None => endpoint.path == self.path,
        };
        fits_path
            && self
                .method
                .is_none_or(|method| method == endpoint.method.as_str())
    }
}

/// A pattern that fits none of these endpoints.
pub(super) fn unknown_pattern(
    setting: &'static str,
    pattern: &str,
    endpoints: &[EndpointDescriptor],
) -> Problem {
    let mut paths: Vec<_> = endpoints.iter().map(|endpoint| endpoint.path).collect();
    paths.sort_unstable();
    paths.dedup();
    Problem::UnknownPattern {
        setting,
        pattern: pattern.to_owned(),
        paths,
    }
}
