//! The parameters and the body of a request.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::schemas::Schemas;
use super::template::Template;
use crate::endpoint::EndpointDescriptor;
use crate::request::{ArgumentDescriptor, ArgumentKind, ArgumentLocation, Param, ParamSpec};

pub(super) fn parameters(endpoint: &EndpointDescriptor, template: &Template) -> Vec<Value> {
    let arguments = endpoint.arguments.iter();
    let parameters = arguments.filter_map(|argument| match argument.kind {
        ArgumentKind::Parameter(spec) => Some(parameter(argument, &spec, template)),
        _ => None,
    });
    parameters.collect()
}

fn parameter(argument: &ArgumentDescriptor, spec: &ParamSpec, template: &Template) -> Value {
    let (name, location) = match argument.location {
        ArgumentLocation::Path(index) => {
            let name = template.parameters.get(index).copied();
            (name.unwrap_or(argument.name), "path")
        }
        ArgumentLocation::Query => (argument.name, "query"),
    };
    let mut parameter = json!({
        "name": name,
        "in": location,
        "required": location == "path" || (spec.required && argument.default.is_none()),
        "schema": schema(argument, spec),
    });
    if !argument.docs.is_empty() {
        parameter["description"] = argument.docs.into();
    }
    parameter
}

fn schema(argument: &ArgumentDescriptor, spec: &ParamSpec) -> Value {
    let mut one = Map::new();
    one.insert("type".to_owned(), spec.json_type.into());
    one.insert("description".to_owned(), spec.expected.into());
    // The value is a whole segment of the path, and an empty segment does not match.
    if matches!(argument.location, ArgumentLocation::Path(_)) && spec.json_type == "string" {
        one.insert("minLength".to_owned(), 1.into());
    }
    one.extend(spec.keywords().unwrap_or_default());
    let mut whole = if spec.repeated {
        json!({ "type": "array", "items": one })
    } else {
        Value::Object(one)
    };
    if let Some(text) = argument.default {
        let value = typed(text, spec.json_type);
        whole["default"] = if spec.repeated { json!([value]) } else { value };
    }
    whole
}

/// A default is written as text, as a client would send it; the document shows its value.
fn typed(text: &str, json_type: &str) -> Value {
    let read = match json_type {
        "boolean" => bool::parse(text).map(Value::Bool),
        "integer" | "number" => serde_json::from_str(text).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| text.into())
}

/// The body that the arguments take: files of one form, or one JSON value.
pub(super) fn request_body(endpoint: &EndpointDescriptor, schemas: &mut Schemas) -> Option<Value> {
    let mut contents: BTreeMap<&str, Value> = BTreeMap::new();
    let mut is_required = false;
    let mut description = "";
    for argument in endpoint.arguments {
        let ArgumentKind::Body {
            content_type,
            required,
        } = argument.kind
        else {
            continue;
        };
        is_required |= required;
        if content_type == "multipart/form-data" {
            let form = contents
                .entry(content_type)
                .or_insert_with(|| json!({ "schema": { "type": "object", "properties": {} } }));
            add_file(&mut form["schema"], argument, required);
        } else {
            description = argument.docs;
            let schema = schemas.body(argument.schema);
            contents.insert(content_type, json!({ "schema": schema }));
        }
    }
    if contents.is_empty() {
        return None;
    }
    let mut body = json!({ "required": is_required, "content": contents });
    if !description.is_empty() {
        body["description"] = description.into();
    }
    Some(body)
}

fn add_file(form: &mut Value, argument: &ArgumentDescriptor, required: bool) {
    let mut file = json!({ "type": "string", "format": "binary" });
    if !argument.docs.is_empty() {
        file["description"] = argument.docs.into();
    }
    form["properties"][argument.name] = file;
    if required {
        match &mut form["required"] {
            Value::Array(names) => names.push(argument.name.into()),
            none => *none = json!([argument.name]),
        }
    }
}
