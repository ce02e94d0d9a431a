//! The responses of an operation. Errors of the runtime are the same for all endpoints and are
//! shared as components, in both formats of errors.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::access::Access;
use super::components::{error_reference, for_each_reference};
use super::schemas::Schemas;
use crate::endpoint::{Effect, EndpointDescriptor};
use crate::request::{ArgumentKind, ArgumentLocation};
use crate::response::{ErrorFormat, ResponseSpec};

/// The errors of the runtime: status, the endpoints that can return it, and the reason.
const RUNTIME_ERRORS: [(u16, Condition, &str); 12] = [
    (
        400,
        Condition::Always,
        "A parameter, the body or the `Host` header is missing or malformed.",
    ),
    (
        401,
        Condition::Authenticated,
        "The token is missing or wrong.",
    ),
    (
        403,
        Condition::Always,
        "The `Host` is not one of this server; or the request may change something and comes from another site; or it may change something or read sensitive data and comes from beyond loopback without credentials.",
    ),
    (
        404,
        Condition::PathParameter,
        "The named object does not exist.",
    ),
    (408, Condition::Body, "The body did not arrive in time."),
    (413, Condition::Always, "The body is too long."),
    (414, Condition::Always, "Path and query are too long."),
    (
        415,
        Condition::JsonBody,
        "The body is not of the media type that is expected.",
    ),
    (
        429,
        Condition::Always,
        "A limit of the endpoint is reached.",
    ),
    (431, Condition::Always, "The headers are too long."),
    (
        500,
        Condition::Always,
        "The endpoint failed. The log has the reason under the id in the text, which is also in the header `x-request-id`.",
    ),
    (
        503,
        Condition::Always,
        "The endpoint did not answer in time, or too many requests are running.",
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Always,
    Authenticated,
    PathParameter,
    Body,
    JsonBody,
}

impl Condition {
    fn applies_to(self, endpoint: &EndpointDescriptor, access: Access) -> bool {
        let mut arguments = endpoint.arguments.iter();
        match self {
            Self::Always => true,
            Self::Authenticated => access == Access::Bearer,
            Self::PathParameter => {
                arguments.any(|argument| matches!(argument.location, ArgumentLocation::Path(_)))
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

/// The responses of one endpoint.
pub(super) fn responses(
    endpoint: &EndpointDescriptor,
    access: Access,
    schemas: &mut Schemas,
) -> Value {
    let spec = &endpoint.response;
    let mut responses = Map::new();
    for (status, condition, _) in RUNTIME_ERRORS {
        if condition.applies_to(endpoint, access) {
            let status = status.to_string();
            let reference = error_response(&status, spec.errors);
            responses.insert(status, reference);
        }
    }
    let success = success(spec, endpoint.effect, schemas);
    match spec.status {
        Some(status) => {
            responses.insert(status.to_string(), success);
            if spec.fallible {
                let reference = error_response(DEFAULT, spec.errors);
                responses.insert(DEFAULT.to_owned(), reference);
            }
        }
        None => {
            responses.insert("2XX".to_owned(), success.clone());
            responses.insert(DEFAULT.to_owned(), or_error(success, spec.errors));
        }
    }
    Value::Object(responses)
}

/// The key for every status that is not listed.
const DEFAULT: &str = "default";

/// The response of a handler that succeeds.
fn success(spec: &ResponseSpec, effect: Effect, schemas: &mut Schemas) -> Value {
    let description = match effect {
        Effect::Read => "The requested data.",
        Effect::Write | Effect::Dangerous => "The request was carried out.",
    };
    let mut response = json!({ "description": description });
    if spec.status == Some(204) || spec.media_types().is_empty() {
        return response;
    }
    let mut contents = Map::new();
    for media_type in spec.media_types() {
        let schema = if *media_type == "application/json" {
            schemas.reply(spec.schema)
        } else if media_type.starts_with("text/") {
            json!({ "type": "string" })
        } else {
            json!({ "type": "string", "format": "binary" })
        };
        contents.insert((*media_type).to_owned(), json!({ "schema": schema }));
    }
    response["content"] = contents.into();
    response
}

/// A response of unknown status can also be an error.
fn or_error(mut response: Value, errors: ErrorFormat) -> Value {
    let (content_type, error) = error_content(errors);
    let content = &mut response["content"][content_type];
    let schema = content["schema"].take();
    content["schema"] = match schema {
        Value::Null => error,
        // Anything includes an error.
        Value::Object(any) if any.is_empty() => any.into(),
        schema => json!({ "anyOf": [schema, error] }),
    };
    response
}

/// The errors of the runtime that operations refer to, by their names in the components.
pub(super) fn shared_responses(access: Access, paths: &Value) -> Value {
    let other = (DEFAULT.to_owned(), "An error of the endpoint itself.");
    let errors = RUNTIME_ERRORS
        .iter()
        .filter(|(_, condition, _)| {
            *condition != Condition::Authenticated || access == Access::Bearer
        })
        .map(|(status, _, reason)| (status.to_string(), *reason));
    let mut used = BTreeSet::new();
    for_each_reference(paths, &mut |reference| {
        used.insert(reference.to_owned());
    });
    let mut shared = Map::new();
    for (status, reason) in errors.chain([other]) {
        for format in [ErrorFormat::Json, ErrorFormat::Text] {
            let name = component_name(&status, format);
            if !used.contains(&format!("{COMPONENTS}/{name}")) {
                continue;
            }
            let (content_type, schema) = error_content(format);
            let content = json!({ content_type: { "schema": schema } });
            let mut response = json!({ "description": reason, "content": content });
            if status == "429" || status == "503" {
                response["headers"] = json!({ "Retry-After": {
                    "description": "Seconds after which another attempt may succeed.",
                    "schema": { "type": "integer", "minimum": 0 },
                } });
            }
            shared.insert(name, response);
        }
    }
    Value::Object(shared)
}

/// Where references to shared responses point.
const COMPONENTS: &str = "#/components/responses";

/// A reference to a shared response.
fn error_response(status: &str, format: ErrorFormat) -> Value {
    let name = component_name(status, format);
    json!({ "$ref": format!("{COMPONENTS}/{name}") })
}

fn component_name(status: &str, format: ErrorFormat) -> String {
    match format {
        ErrorFormat::Json => format!("{status}-json"),
        ErrorFormat::Text => format!("{status}-text"),
    }
}

/// The media type and the schema of an error.
fn error_content(format: ErrorFormat) -> (&'static str, Value) {
    match format {
        ErrorFormat::Json => ("application/json", error_reference()),
        ErrorFormat::Text => ("text/plain; charset=utf-8", json!({ "type": "string" })),
    }
}
