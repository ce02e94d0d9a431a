//! A path with the parameters that OpenAPI names it by.

use crate::endpoint::PathPattern;

/// The path of all endpoints whose paths differ only in the names of parameters.
pub(super) struct Template {
    pub(super) path: &'static str,
    pub(super) parameters: Vec<&'static str>,
}

impl Template {
    pub(super) fn new(path: &'static str) -> Self {
        let pattern = PathPattern::parse(path);
        let parameters = pattern.map(|pattern| pattern.parameters().collect());
        Self {
            path,
            parameters: parameters.unwrap_or_default(),
        }
    }
}
