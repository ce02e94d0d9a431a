//! One request and its reply: what is recorded of both.

use std::sync::Arc;
use std::time::Instant;

use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, HeaderName, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method as HttpMethod, StatusCode};
use tracing::Level;

use super::audit_line::AuditLine;
use super::unknown_parameters::X_UNKNOWN_PARAMETERS;
use super::{RequestHead, Route};
use crate::clock::Clock;
use crate::log_queue;
use crate::request::RequestId;
use crate::response::{AdminError, Body, ErrorFormat, Response, render};
use crate::server_context::{Answered, ServedEndpoint, ServerContext, declared_path};
use crate::text::one_line;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request from its first byte to its reply.
pub(super) struct Exchange {
    pub(super) id: RequestId,
    /// Of a write, once its caller is known.
    pub(super) audit_line: Option<Box<AuditLine>>,
    pub(super) unknown_parameters: Option<HeaderValue>,
    began: Instant,
    method: HttpMethod,
    /// `None` where no endpoint has the path and the method.
    endpoint: Option<Arc<ServedEndpoint>>,
}

impl Exchange {
    pub(super) fn begin(head: &RequestHead, route: &Route) -> Self {
        Self {
            began: Clock::system().now(),
            id: RequestId::for_request(head.headers.get(X_REQUEST_ID)),
            method: head.method.clone(),
            endpoint: route.as_ref().ok().map(|found| Arc::clone(&found.endpoint)),
            audit_line: None,
            unknown_parameters: None,
        }
    }

    /// The reply, once it is recorded.
    pub(super) fn end(
        self,
        context: &ServerContext,
        outcome: Result<Response, AdminError>,
    ) -> Response {
        let endpoint = self.endpoint.as_deref();
        if let Some(mut line) = self.audit_line {
            let status = outcome
                .as_ref()
                .map_or_else(AdminError::status, Response::status);
            line.end(status);
        }
        let mut response = outcome.unwrap_or_else(|error| {
            log_cause(&error, endpoint, &self.id);
            render(&error, error_format(endpoint), &self.id)
        });
        add_headers(&mut response, &self.id);
        if let Some(unknown) = self.unknown_parameters {
            response.headers.insert(X_UNKNOWN_PARAMETERS, unknown);
        }
        let answered = Answered {
            endpoint,
            method: &self.method,
            status: response.status,
            took: Clock::system().now() - self.began,
        };
        context.metrics.record(&answered);
        log_queue::record_dropped();
        log_answer(&answered, self.id);
        if self.method == HttpMethod::HEAD {
            without_body(response)
        } else {
            response
        }
    }
}

/// The reply to a request whose head is not whole, which is not counted as a request.
pub(crate) fn refused(error: &AdminError) -> Response {
    let id = RequestId::default();
    log_cause(error, None, &id);
    let mut response = render(error, ErrorFormat::Json, &id);
    add_headers(&mut response, &id);
    response
}

/// The headers of every reply. A handler may set its own `Cache-Control` and `Retry-After`.
fn add_headers(response: &mut Response, id: &RequestId) {
    let headers = &mut response.headers;
    headers.insert(X_REQUEST_ID, id.header());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ]
    .contains(&response.status)
    {
        headers
            .entry(RETRY_AFTER)
            .or_insert(HeaderValue::from_static("1"));
    }
}

/// Every answer goes to the log at debug; without that level it costs one check.
fn log_answer(answered: &Answered<'_>, id: RequestId) {
    if !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let path = declared_path(answered.endpoint);
    let (method, status, took) = (
        answered.method.clone(),
        answered.status.as_u16(),
        answered.took,
    );
    log_queue::emit(move || {
        tracing::debug!(%method, path, status, ?took, request_id = %id, "answered");
    });
}

/// Causes go to the log under the request's id: 5xx as errors, what clients did wrong at debug.
fn log_cause(error: &AdminError, endpoint: Option<&ServedEndpoint>, id: &RequestId) {
    let path = declared_path(endpoint);
    // These two say what the client has asked for.
    let is_of_client = [
        StatusCode::NOT_IMPLEMENTED,
        StatusCode::HTTP_VERSION_NOT_SUPPORTED,
    ]
    .contains(&error.status());
    let is_failure = error.status().is_server_error() && !is_of_client;
    if !is_failure && !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let cause = error.cause().map(one_line).unwrap_or_default();
    let (error, id) = (one_line(error), id.clone());
    log_queue::emit(move || {
        if is_failure {
            tracing::error!(request_id = %id, path, error, cause, "request failed");
        } else {
            tracing::debug!(request_id = %id, path, error, cause, "request refused");
        }
    });
}

fn error_format(endpoint: Option<&ServedEndpoint>) -> ErrorFormat {
    endpoint.map_or(ErrorFormat::Json, |endpoint| {
        endpoint.descriptor.response.errors
    })
}

/// The reply to HEAD: the headers of the reply to GET.
fn without_body(mut response: Response) -> Response {
    if let Body::Bytes(bytes) = &response.body {
        let length = HeaderValue::from(bytes.len());
        response.headers.insert(CONTENT_LENGTH, length);
    }
    response.body = Body::Empty;
    response
}
