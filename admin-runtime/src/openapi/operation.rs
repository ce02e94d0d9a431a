//! One endpoint as an operation.

use serde_json::{Value, json};

use super::access::Access;
use super::parameters::{parameters, request_body};
use super::responses::responses;
use super::schemas::Schemas;
use super::template::Template;
use crate::endpoint::EndpointDescriptor;

pub(super) fn operation(
    endpoint: &EndpointDescriptor,
    template: &Template,
    name: String,
    access: Access,
    schemas: &mut Schemas,
) -> Value {
    let source = &endpoint.source;
    let mut operation = json!({
        "operationId": name,
        "tags": [source.crate_name],
        "x-effect": endpoint.effect.as_str(),
        "x-source": format!("{}:{}", source.crate_file(), source.line),
        "responses": responses(endpoint, access, schemas),
    });
    let mut set = |key: &str, value: Value| {
        if !matches!(&value, Value::String(text) if text.is_empty()) {
            operation[key] = value;
        }
    };
    set("summary", endpoint.summary().into());
    set("description", endpoint.description().into());
    let rules = endpoint.effect_if.iter();
    let rules: Vec<_> = rules
        .map(|rule| json!({ "query": rule.query, "effect": rule.effect.as_str() }))
        .collect();
    if !rules.is_empty() {
        set("x-effect-if", rules.into());
    }
    if endpoint.deny_unknown {
        set("x-deny-unknown", true.into());
    }
    if endpoint.sensitive {
        set("x-sensitive", true.into());
    }
    let parameters = parameters(endpoint, template);
    if !parameters.is_empty() {
        set("parameters", parameters.into());
    }
    if let Some(body) = request_body(endpoint, schemas) {
        set("requestBody", body);
    }
    operation
}
