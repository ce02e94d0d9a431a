//! Query parameters that the endpoint does not have: named in a header of the reply, and refused if
//! the endpoint says so.

use http::header::{HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::endpoint::EndpointDescriptor;
use crate::request::{ArgumentKind, ArgumentLocation, QueryParameters};
use crate::response::AdminError;
use crate::text::excerpt;

pub(super) const X_UNKNOWN_PARAMETERS: HeaderName = HeaderName::from_static("x-unknown-parameters");

/// How many names a reply has at most.
const MAX_NAMES: usize = 8;

/// Longest part of a name that a reply has, in characters.
const MAX_NAME_CHARS: usize = 40;

/// The first names of a query that the endpoint does not have; at least one.
pub(super) struct UnknownParameters(Vec<String>);

impl UnknownParameters {
    /// The names that neither an argument nor a condition of the endpoint has, each once. An
    /// extractor may read the parameter with the name of its argument.
    pub(super) fn find(endpoint: &EndpointDescriptor, query: &QueryParameters) -> Option<Self> {
        let is_known = |name: &str| declares(endpoint, name);
        let mut names: Vec<String> = Vec::new();
        for name in query.names().filter(|name| !is_known(name)) {
            if names.len() < MAX_NAMES && !names.iter().any(|earlier| earlier == name) {
                names.push(name.to_owned());
            }
        }
        (!names.is_empty()).then_some(Self(names))
    }

    /// The answer of an endpoint that refuses them: it names them and those that it has.
    pub(super) fn refusal(&self, endpoint: &EndpointDescriptor) -> AdminError {
        let Self(names) = self;
        let plural = if names.len() == 1 { "" } else { "s" };
        let known = known_parameters(endpoint);
        let known = match known.as_slice() {
            [] => "this endpoint has none".to_owned(),
            known => format!("this endpoint has {}", quoted(known)),
        };
        AdminError::bad_request(format!(
            "Unknown parameter{plural} {}: {known}",
            quoted(names)
        ))
    }

    /// All names for a header of the reply, percent-encoded and separated by commas.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let names: Vec<String> = self.0.iter().map(|name| encoded(name)).collect();
        HeaderValue::from_str(&names.join(", ")).ok()
    }
}

/// Whether an argument or a condition of an endpoint has this name.
pub(super) fn declares(endpoint: &EndpointDescriptor, name: &str) -> bool {
    let mut arguments = endpoint.arguments.iter();
    arguments.any(|argument| argument.name == name && argument.location == ArgumentLocation::Query)
        || endpoint.effect_if.iter().any(|rule| rule.query == name)
}

/// The names of the query parameters that the index shows.
fn known_parameters(endpoint: &EndpointDescriptor) -> Vec<String> {
    let arguments = endpoint.arguments.iter().filter(|argument| {
        argument.location == ArgumentLocation::Query
            && matches!(argument.kind, ArgumentKind::Parameter(_))
    });
    arguments.map(|argument| argument.name.to_owned()).collect()
}

fn quoted(names: &[String]) -> String {
    let names = names
        .iter()
        .map(|name| format!("'{}'", excerpt(name, MAX_NAME_CHARS)));
    names.collect::<Vec<_>>().join(", ")
}

fn encoded(name: &str) -> String {
    let end = name.char_indices().nth(MAX_NAME_CHARS);
    let name = &name[..end.map_or(name.len(), |(end, _)| end)];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.chars().all(is_plain) {
        name.to_owned()
    } else {
        utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
    }
}
