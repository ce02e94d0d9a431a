//! The whole document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::operation::{Template, operation};
use super::responses;
use super::schemas::Schemas;
use crate::endpoint::{PathPattern, Segment};
use crate::registry::Registry;

/// The dialect of the OpenAPI Specification.
const VERSION: &str = "3.1.0";

/// Whether the server asks who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It does not.
    Open,
    /// Every request carries a token.
    Bearer,
}

/// The OpenAPI document of everything in a registry.
pub(crate) fn document(registry: &Registry, access: Access) -> Value {
    let mut schemas = Schemas::default();
    let mut templates: BTreeMap<String, Template> = BTreeMap::new();
    let mut names = BTreeSet::new();
    let mut tags = BTreeSet::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for endpoint in registry.endpoints() {
        let template = templates
            .entry(hierarchy(endpoint.path))
            .or_insert_with(|| Template::of(endpoint.path));
        let name = unique(endpoint.source.module, endpoint.source.function, &mut names);
        let operation = operation(endpoint, template, name, access, &mut schemas);
        let method = endpoint.method.as_str().to_ascii_lowercase();
        paths
            .entry(template.path)
            .or_default()
            .insert(method, operation);
        tags.insert(endpoint.source.crate_name);
    }
    let tags: Vec<_> = tags.iter().map(|name| json!({ "name": name })).collect();
    let mut components = json!({
        "schemas": schemas.into_components(),
        "responses": responses::shared(access),
    });
    let mut document = json!({
        "openapi": VERSION,
        "info": {
            "title": "Admin endpoints",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the crates linked into this program registered. The version is that of the admin runtime.",
        },
        "tags": tags,
        "paths": paths,
    });
    if access == Access::Bearer {
        components["securitySchemes"] = json!({ "token": { "type": "http", "scheme": "bearer" } });
        document["security"] = json!([{ "token": [] }]);
    }
    document["components"] = components;
    document
}

/// A path without the names of its parameters: those with the same one are one path to OpenAPI.
fn hierarchy(path: &str) -> String {
    let Ok(pattern) = PathPattern::parse(path) else {
        return path.to_owned();
    };
    let segments = pattern.segments().iter().map(|segment| match segment {
        Segment::Literal(text) => *text,
        Segment::Parameter(_) => "{}",
    });
    segments.fold(String::new(), |hierarchy, segment| {
        hierarchy + "/" + segment
    })
}

/// An operation's id: where its function is, numbered where one place makes several.
fn unique(module: &str, function: &str, taken: &mut BTreeSet<String>) -> String {
    let name = format!("{}.{function}", module.replace("::", "."));
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut candidates = std::iter::once(name.clone()).chain(numbered);
    let free = candidates.find(|candidate| !taken.contains(candidate));
    let free = free.unwrap_or(name);
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_apart() {
        let mut taken = BTreeSet::new();
        let mut next = || unique("engine::tiers", "clear", &mut taken);
        assert_eq!(next(), "engine.tiers.clear");
        assert_eq!(next(), "engine.tiers.clear-2");
    }

    #[test]
    fn a_hierarchy_has_no_names() {
        assert_eq!(hierarchy("/a/{b}/c"), "/a/{}/c");
        assert_eq!(hierarchy("/"), "");
    }
}
