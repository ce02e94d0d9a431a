//! What a request is answered with. Refusals of the runtime are the same everywhere and stand once
//! in the components, in both formats of errors.

use serde_json::{Map, Value, json};

use super::document::Access;
use super::schemas::Schemas;
use crate::endpoint::{Effect, EndpointDescriptor};
use crate::request::{ArgumentKind, ArgumentPlace};
use crate::response::{ErrorFormat, ResponseSpec};

/// The runtime's refusals: status, when it can happen, and why it does.
const REFUSALS: [(u16, When, &str); 11] = [
    (
        400,
        When::Always,
        "A parameter, the body or the `Host` header is missing or malformed.",
    ),
    (401, When::Authenticated, "The token is missing or wrong."),
    (
        403,
        When::Always,
        "The `Host` is not one of this server's; or the request may change something and comes from another site, or from where only reads are answered.",
    ),
    (
        404,
        When::PathParameter,
        "Nothing is found under this name.",
    ),
    (408, When::Body, "The body did not arrive in time."),
    (413, When::Always, "The body is too long."),
    (414, When::Always, "Path and query are too long."),
    (
        415,
        When::JsonBody,
        "The body is not of the media type that is expected.",
    ),
    (431, When::Always, "The headers are too long."),
    (
        500,
        When::Always,
        "The endpoint failed: the log tells why under the id in the text, which is that of the header `x-request-id`.",
    ),
    (
        503,
        When::Always,
        "The endpoint did not answer in time, or too many requests are running.",
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    Authenticated,
    PathParameter,
    Body,
    JsonBody,
}

impl When {
    fn holds(self, endpoint: &EndpointDescriptor, access: Access) -> bool {
        let mut arguments = endpoint.arguments.iter();
        match self {
            Self::Always => true,
            Self::Authenticated => access == Access::Bearer,
            Self::PathParameter => {
                arguments.any(|argument| matches!(argument.place, ArgumentPlace::Path(_)))
            }
            Self::Body => {
                arguments.any(|argument| matches!(argument.kind, ArgumentKind::Body { .. }))
            }
            Self::JsonBody => arguments.any(|argument| {
                matches!(argument.kind, ArgumentKind::Body { content_type, .. } if content_type != "multipart/form-data")
            }),
        }
    }
}

/// The answers of one endpoint.
pub(super) fn responses(
    endpoint: &EndpointDescriptor,
    access: Access,
    schemas: &mut Schemas,
) -> Value {
    let spec = &endpoint.response;
    let mut responses = Map::new();
    for (status, when, _) in REFUSALS {
        if when.holds(endpoint, access) {
            let name = component(&status.to_string(), spec.errors);
            let reference = format!("#/components/responses/{name}");
            responses.insert(status.to_string(), json!({ "$ref": reference }));
        }
    }
    let good = good(spec, endpoint.effect, schemas);
    match spec.status {
        Some(status) => {
            responses.insert(status.to_string(), good);
            if spec.fallible {
                let name = component(OTHER, spec.errors);
                let reference = format!("#/components/responses/{name}");
                responses.insert(OTHER.to_owned(), json!({ "$ref": reference }));
            }
        }
        None => {
            responses.insert(OTHER.to_owned(), or_error(good, spec.errors));
        }
    }
    Value::Object(responses)
}

/// The key of every status that has none of its own.
const OTHER: &str = "default";

/// What a handler that succeeds answers with.
fn good(spec: &ResponseSpec, effect: Effect, schemas: &mut Schemas) -> Value {
    let description = match effect {
        Effect::Read => "The answer.",
        Effect::Write | Effect::Dangerous => "It is done.",
    };
    let mut response = json!({ "description": description });
    if spec.status == Some(204) {
        return response;
    }
    let schema = match spec.content_type {
        Some("application/json") => schemas.reply(spec.schema),
        Some(text) if text.starts_with("text/") => json!({ "type": "string" }),
        _ => json!({}),
    };
    let content_type = spec.content_type.unwrap_or("*/*");
    response["content"] = json!({ content_type: { "schema": schema } });
    response
}

/// An answer of unknown status may be a failure as well.
fn or_error(mut good: Value, errors: ErrorFormat) -> Value {
    let (content_type, error) = error_content(errors);
    match &mut good["content"] {
        Value::Object(contents) => match contents.get_mut(content_type) {
            Some(content) => {
                let schema = content["schema"].take();
                content["schema"] = json!({ "anyOf": [schema, error] });
            }
            None => {
                contents.insert(content_type.to_owned(), json!({ "schema": error }));
            }
        },
        none => *none = json!({ content_type: { "schema": error } }),
    }
    good
}

/// The refusals in both formats, by their names in the components.
pub(super) fn shared(access: Access) -> Value {
    let other = (
        OTHER.to_owned(),
        "What the endpoint itself refuses or fails with.",
    );
    let refusals = REFUSALS
        .iter()
        .filter(|(_, when, _)| *when != When::Authenticated || access == Access::Bearer)
        .map(|(status, _, why)| (status.to_string(), *why));
    let mut shared = Map::new();
    for (status, why) in refusals.chain([other]) {
        for format in [ErrorFormat::Json, ErrorFormat::Text] {
            let (content_type, schema) = error_content(format);
            let content = json!({ content_type: { "schema": schema } });
            let response = json!({ "description": why, "content": content });
            shared.insert(component(&status, format), response);
        }
    }
    Value::Object(shared)
}

fn component(status: &str, format: ErrorFormat) -> String {
    match format {
        ErrorFormat::Json => format!("{status}-json"),
        ErrorFormat::Text => format!("{status}-text"),
    }
}

/// The media type and the schema of an error.
fn error_content(format: ErrorFormat) -> (&'static str, Value) {
    match format {
        ErrorFormat::Json => {
            let message = json!({ "type": "string", "description": "What went wrong." });
            let schema = json!({
                "type": "object",
                "required": ["error"],
                "properties": { "error": message },
                "additionalProperties": false,
            });
            ("application/json", schema)
        }
        ErrorFormat::Text => ("text/plain; charset=utf-8", json!({ "type": "string" })),
    }
}
