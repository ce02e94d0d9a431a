//! The whole document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::access::Access;
use super::components::add_schemas;
use super::operation::operation;
use super::responses::shared_responses;
use super::schemas::Schemas;
use super::template::Template;
use crate::endpoint::{EndpointDescriptor, PathPattern, Segment};

/// The version of the OpenAPI Specification.
const VERSION: &str = "3.1.0";

/// The OpenAPI document of these endpoints.
pub(crate) fn document<'a>(
    endpoints: impl IntoIterator<Item = &'a EndpointDescriptor>,
    access: Access,
) -> Value {
    let mut schemas = Schemas::default();
    let mut templates: BTreeMap<String, Template> = BTreeMap::new();
    let mut operation_ids = BTreeSet::new();
    let mut tags = BTreeSet::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for endpoint in endpoints {
        let template = templates
            .entry(without_names(endpoint.path))
            .or_insert_with(|| Template::new(endpoint.path));
        let source = &endpoint.source;
        let id = operation_id(source.module, source.function, &mut operation_ids);
        let operation = operation(endpoint, template, id, access, &mut schemas);
        let method = endpoint.method.as_str().to_ascii_lowercase();
        paths
            .entry(template.path)
            .or_default()
            .insert(method, operation);
        tags.insert(endpoint.source.crate_name);
    }
    let paths = json!(paths);
    let tags: Vec<_> = tags.iter().map(|name| json!({ "name": name })).collect();
    let mut document = json!({
        "openapi": VERSION,
        "info": {
            "title": "Admin endpoints",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The endpoints of the crates that are linked into this program. The version is that of the admin runtime.",
        },
        // Relative to the document, for a server that is mounted below a prefix.
        "servers": [{ "url": "." }],
        "tags": tags,
        "components": { "responses": shared_responses(access, &paths) },
        "paths": paths,
        "security": [],
    });
    if access == Access::Bearer {
        document["components"]["securitySchemes"] =
            json!({ "token": { "type": "http", "scheme": "bearer" } });
        document["security"] = json!([{ "token": [] }]);
    }
    add_schemas(&mut document, schemas.into_definitions());
    document
}

/// A path without the names of its parameters: paths that are equal then are one to OpenAPI.
fn without_names(path: &str) -> String {
    let Ok(pattern) = PathPattern::parse(path) else {
        return path.to_owned();
    };
    let segments = pattern.segments().iter().map(|segment| match segment {
        Segment::Literal(text) => *text,
        Segment::Parameter(_) => "{}",
    });
    segments.fold(String::new(), |path, segment| path + "/" + segment)
}

/// The id of an operation: the path of its function, numbered if a macro made several.
fn operation_id(module: &str, function: &str, taken: &mut BTreeSet<String>) -> String {
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
    fn operation_ids_are_unique() {
        let mut taken = BTreeSet::new();
        let mut next = || operation_id("engine::tiers", "clear", &mut taken);
        assert_eq!(next(), "engine.tiers.clear");
        assert_eq!(next(), "engine.tiers.clear-2");
    }

    #[test]
    fn names_of_parameters_are_removed() {
        assert_eq!(without_names("/a/{b}/c"), "/a/{}/c");
        assert_eq!(without_names("/"), "");
    }
}
