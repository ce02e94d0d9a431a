//! What an audit line repeats of a request, without secrets.

use std::borrow::Cow;
use std::sync::Arc;

use http::Method;
use http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;

use super::RequestHead;
use super::request_head::quoted_method;
use super::unknown_parameters::declares;
use crate::audit_mask::{AuditMasks, HIDDEN};
use crate::endpoint::EndpointDescriptor;
use crate::request::decode_lossy;
use crate::server_context::{ServedEndpoint, ServerContext};
use crate::text::excerpt;

/// Longest path that is repeated, in characters.
const MAX_PATH_CHARS: usize = 200;

/// Longest query that is repeated, in characters.
const MAX_QUERY_CHARS: usize = 512;

/// Bytes of a path or a query that are looked at: more than is repeated, so that masking is fast
/// whatever is sent.
const MAX_MASKED_BYTES: usize = 2048;

/// What was asked for. It is masked where a line shows it: most programs log no line of a request that
/// changes nothing.
pub(super) struct AuditedTarget {
    method: Method,
    path_and_query: PathAndQuery,
    endpoint: Arc<ServedEndpoint>,
}

impl AuditedTarget {
    pub(super) fn new(head: &RequestHead, endpoint: &Arc<ServedEndpoint>) -> Self {
        Self {
            method: head.method.clone(),
            path_and_query: head.path_and_query.clone(),
            endpoint: Arc::clone(endpoint),
        }
    }

    /// Method, path and query, without secrets.
    pub(super) fn masked(&self, context: &ServerContext) -> String {
        let path = masked_path(context, beginning(self.path_and_query.path()));
        let mut what = format!(
            "{} {}",
            quoted_method(&self.method),
            excerpt(&path, MAX_PATH_CHARS)
        );
        let query = self.path_and_query.query().unwrap_or_default();
        if !query.is_empty() {
            what.push('?');
            let shown = masked_query(context, query, &self.endpoint.descriptor);
            what.push_str(&excerpt(&shown, MAX_QUERY_CHARS).to_string());
        }
        what
    }
}

/// A value without its secrets; with an empty name what the value itself tells.
pub(super) fn mask<'v>(context: &ServerContext, name: &str, value: &'v str) -> Cow<'v, str> {
    let masks = context.services.get::<AuditMasks>();
    masks.mask(context.services.state(), name, value)
}

/// As it was sent, unless it has a secret: in a value of a path such as `/cache/{name}`, or across several.
fn masked_path(context: &ServerContext, path: &str) -> String {
    let path = mask(context, "", path);
    let values = path.split('/').map(|raw| {
        let decoded = percent_decode_str(raw).decode_utf8_lossy();
        match mask(context, "", &decoded) {
            masked if masked == decoded => Cow::Borrowed(raw),
            masked => Cow::Owned(masked.into_owned()),
        }
    });
    values.collect::<Vec<_>>().join("/")
}

/// A query is ASCII, as is a path.
fn beginning(text: &str) -> &str {
    text.get(..MAX_MASKED_BYTES).unwrap_or(text)
}

fn masked_query(context: &ServerContext, query: &str, endpoint: &EndpointDescriptor) -> String {
    let looked_at = beginning(query);
    let is_cut = looked_at.len() < query.len();
    let mut pairs: Vec<_> = looked_at.split('&').collect();
    if is_cut {
        pairs.pop(); // a part of a secret could look harmless
    }
    let shown = pairs
        .into_iter()
        .map(|pair| masked_pair(context, pair, endpoint));
    let shown = shown.collect::<Vec<_>>().join("&");
    if is_cut { shown + "..." } else { shown }
}

/// As it was sent, unless it has a secret.
fn masked_pair(context: &ServerContext, pair: &str, endpoint: &EndpointDescriptor) -> String {
    let (name, value) = match pair.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (pair, None),
    };
    let decoded_name = decode_lossy(name);
    if context.services.get::<AuditMasks>().is_empty() && !declares(endpoint, &decoded_name) {
        return match value {
            Some(_) => format!("{name}={HIDDEN}"),
            None => HIDDEN.to_owned(),
        };
    }
    let shown = |name: &str, raw: &str| {
        let decoded = decode_lossy(raw);
        match mask(context, name, &decoded) {
            masked if masked == decoded => raw.to_owned(),
            masked => masked.replace('&', "%26"),
        }
    };
    let shown_name = shown("", name);
    match value {
        Some(value) => format!("{shown_name}={}", shown(&decoded_name, value)),
        None => shown_name,
    }
}
