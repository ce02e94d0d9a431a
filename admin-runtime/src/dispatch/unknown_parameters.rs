//! Query parameters that the endpoint does not have: ignored, and named in a header of the reply.

use http::header::{HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::endpoint::EndpointDescriptor;
use crate::request::QueryParameters;

pub(super) const X_UNKNOWN_PARAMETERS: HeaderName = HeaderName::from_static("x-unknown-parameters");

/// How many names the header has at most.
const MAX_NAMES: usize = 8;

/// Longest part of a name that the header has, in characters.
const MAX_NAME_CHARS: usize = 40;

/// The names of the parameters that neither an argument nor a condition of the endpoint has,
/// percent-encoded and separated by commas.
pub(super) fn unknown_parameters(
    endpoint: &EndpointDescriptor,
    query: &QueryParameters,
) -> Option<HeaderValue> {
    let is_known = |name: &str| {
        let mut arguments = endpoint.arguments.iter();
        arguments.any(|argument| argument.name == name)
            || endpoint.effect_if.iter().any(|rule| rule.query == name)
    };
    let unknown = query.names().filter(|name| !is_known(name));
    let names: Vec<String> = unknown.take(MAX_NAMES).map(encoded).collect();
    if names.is_empty() {
        return None;
    }
    HeaderValue::from_str(&names.join(", ")).ok()
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
