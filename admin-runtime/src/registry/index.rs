//! The index: everything that is linked, as data.

use serde::Serialize;

use crate::endpoint::{ArgumentKind, ArgumentPlace, EndpointDescriptor, EndpointStatus};

/// What `GET /` shows.
#[derive(Clone, Debug, Serialize)]
pub struct Index {
    /// The endpoints, sorted by path and method.
    pub endpoints: Vec<EndpointEntry>,
}

/// One endpoint of the index.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointEntry {
    /// `GET`
    pub method: &'static str,
    /// `/cache/{tier}`
    pub path: &'static str,
    /// `read`, `write` or `dangerous`
    pub effect: &'static str,
    /// Query parameters that raise the effect: the name, then the effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effect_if: Vec<(&'static str, &'static str)>,
    /// The first paragraph of the docs.
    pub summary: String,
    /// The parameters, in the order of the arguments.
    pub parameters: Vec<ParameterEntry>,
    /// What it says of itself at this moment; only `GET /` asks.
    #[serde(skip_serializing_if = "EndpointStatus::is_empty")]
    pub status: EndpointStatus,
    /// The crate it was written in.
    #[serde(rename = "crate")]
    pub crate_name: &'static str,
    /// `file:line`, relative to the crate's root.
    pub source: String,
}

/// One parameter of an endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterEntry {
    /// The name on the wire.
    pub name: &'static str,
    /// `path`, `query` or `body`
    #[serde(rename = "in")]
    pub place: &'static str,
    /// The JSON type of a parameter, the media type of a body; `[]` behind it: may be repeated.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether a request without it is refused.
    pub required: bool,
    /// The value that stands in for a missing one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
    /// What a value looks like.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub expected: &'static str,
    /// The doc comment of the argument.
    pub description: &'static str,
}

impl Index {
    pub(crate) fn of(endpoints: &[EndpointDescriptor]) -> Self {
        Self {
            endpoints: endpoints.iter().map(EndpointEntry::of).collect(),
        }
    }
}

impl EndpointEntry {
    fn of(endpoint: &EndpointDescriptor) -> Self {
        Self {
            method: endpoint.method.as_str(),
            path: endpoint.path,
            effect: endpoint.effect.as_str(),
            effect_if: endpoint
                .effect_if
                .iter()
                .map(|rule| (rule.query, rule.effect.as_str()))
                .collect(),
            summary: endpoint.summary(),
            parameters: parameters(endpoint),
            status: EndpointStatus::new(),
            crate_name: endpoint.source.crate_name,
            source: format!("{}:{}", endpoint.source.crate_file(), endpoint.source.line),
        }
    }
}

fn parameters(endpoint: &EndpointDescriptor) -> Vec<ParameterEntry> {
    let entry = |argument: &crate::endpoint::ArgumentDescriptor| {
        let (place, type_name, required, expected) = match argument.kind {
            ArgumentKind::Parameter(spec) => {
                let place = match argument.place {
                    ArgumentPlace::Path(_) => "path",
                    ArgumentPlace::Query => "query",
                };
                let many = if spec.repeated { "[]" } else { "" };
                let required = spec.required && argument.default.is_none();
                (
                    place,
                    format!("{}{many}", spec.json_type),
                    required,
                    spec.expected,
                )
            }
            ArgumentKind::Body {
                content_type,
                required,
            } => ("body", content_type.to_owned(), required, ""),
            ArgumentKind::Extractor | ArgumentKind::State { .. } => return None,
        };
        let (name, default, description) = (argument.name, argument.default, argument.docs);
        Some(ParameterEntry {
            name,
            place,
            type_name,
            required,
            default,
            expected,
            description,
        })
    };
    endpoint.arguments.iter().filter_map(entry).collect()
}
