//! The extractors that most handlers need: state, settings, JSON bodies, headers, the caller.

use std::ops::Deref;

use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::argument::MAX_QUOTED_CHARS;
use super::{
    ArgumentDescriptor, ArgumentKind, Audit, Caller, Extractor, RequestContext, RequestId,
};
use crate::response::{AdminError, Json};
use crate::server_state::{Config, FromServer, RequiredState, State};
use crate::text::excerpt;

impl<T: Clone + Send + Sync + 'static> Extractor for State<T> {
    const KIND: ArgumentKind = ArgumentKind::State(RequiredState::new::<T>());

    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self::from_server(request.server_state())?)
    }
}

impl<T: Default + Send + Sync + 'static> Extractor for Config<T> {
    const KIND: ArgumentKind = ArgumentKind::Config(RequiredState::new::<T>());

    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self::from_server(request.server_state())?)
    }
}

/// All headers of the request.
///
/// ```
/// use admin_runtime::{HeaderMap, HeaderValue, Headers};
///
/// /// An endpoint under `#[admin_endpoint(path = "/agent")]`, called as the function that it is.
/// fn agent(headers: Headers) -> String {
///     let agent = headers.get("user-agent").and_then(|agent| agent.to_str().ok());
///     agent.unwrap_or("none").to_owned()
/// }
///
/// let headers = HeaderMap::from_iter([(
///     admin_runtime::header::USER_AGENT,
///     HeaderValue::from_static("curl/8.14"),
/// )]);
/// assert_eq!(agent(Headers(headers)), "curl/8.14");
/// ```
#[derive(Clone, Debug)]
pub struct Headers(pub HeaderMap);

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        &self.0
    }
}

impl Extractor for Headers {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self(request.headers().clone()))
    }
}

impl Extractor for Caller {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.caller().clone())
    }
}

impl Extractor for RequestId {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.request_id().clone())
    }
}

impl Extractor for Audit {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.audit())
    }
}

const JSON_BODY: &str = "application/json";

impl<T: DeserializeOwned + Send + 'static> Extractor for Json<T> {
    const KIND: ArgumentKind = ArgumentKind::Body {
        content_type: JSON_BODY,
        required: true,
    };

    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        if !is_json(request.headers()) {
            return Err(not_json(request.headers()));
        }
        // serde's message names fields of the body and its line, nothing of this process.
        serde_json::from_slice(request.body())
            .map(Self)
            .map_err(|error| AdminError::bad_request(format!("Invalid JSON body: {error}")))
    }
}

impl<T: DeserializeOwned + Send + 'static> Extractor for Option<Json<T>> {
    const KIND: ArgumentKind = ArgumentKind::Body {
        content_type: JSON_BODY,
        required: false,
    };

    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        if request.body().is_empty() {
            Ok(None)
        } else {
            Json::extract(request, argument).map(Some)
        }
    }
}

fn not_json(headers: &HeaderMap) -> AdminError {
    let sent = headers.get(http::header::CONTENT_TYPE);
    let sent = sent.map(|sent| String::from_utf8_lossy(sent.as_bytes()).into_owned());
    let given = match &sent {
        Some(sent) => format!("not {}", excerpt(sent, MAX_QUOTED_CHARS)),
        None => "none was sent".to_owned(),
    };
    AdminError::new(
        http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!(
            "Expected a body of Content-Type application/json, {given} (curl -H 'Content-Type: application/json')"
        ),
    )
}

/// `application/json`, with or without parameters, or anything `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase());
    essence.is_some_and(|essence| essence == JSON_BODY || essence.ends_with("+json"))
}
