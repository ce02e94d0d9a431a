//! One request, from its head to the reply: guards, body, arguments, handler, record.

mod audit_line;
mod body;
mod connection;
mod request_head;
mod run;
mod unknown_parameters;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method as HttpMethod, StatusCode};
use tracing::Level;

pub(crate) use self::connection::Connection;
pub(crate) use self::request_head::{RequestHead, Route};
pub(crate) use self::run::mark_admin_thread;

use self::audit_line::AuditLine;
use self::body::read_body;
use self::run::{panicked, run};
use self::unknown_parameters::{X_UNKNOWN_PARAMETERS, unknown_parameters};
use crate::endpoint::{Effect, HandlerTask, Method};
use crate::guard::{Unauthenticated, authority_of, authorize, effect_of, same_origin};
use crate::log_queue;
use crate::registry::{Matched, RouteError};
use crate::request::{Caller, QueryParameters, RequestContext, RequestId};
use crate::response::{AdminError, Body, ErrorFormat, Response, render};
use crate::server_context::{Answered, ServedEndpoint, ServerContext, declared_path};
use crate::text::one_line;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers one request, of any path.
pub(crate) async fn handle<B: http_body::Body>(
    context: &ServerContext,
    connection: Connection,
    request: http::Request<B>,
) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let mut head = RequestHead::from_parts(parts, connection);
    let route = head.route(context);
    respond(context, head, route, body).await.into()
}

/// Answers one request that is routed: every failure becomes a reply, and every reply is recorded.
pub(crate) async fn respond<B: http_body::Body>(
    context: &ServerContext,
    head: RequestHead,
    route: Route,
    body: B,
) -> Response {
    let began = now();
    let id = RequestId::for_request(head.headers.get(X_REQUEST_ID));
    let method = head.method.clone();
    let endpoint = route.as_ref().ok().map(|found| Arc::clone(&found.endpoint));
    let endpoint = endpoint.as_deref();
    let answer = answer(context, head, route, body, &id).await;
    let mut response = answer.unwrap_or_else(|error| {
        log_cause(&error, endpoint, &id);
        render(&error, error_format(endpoint), &id)
    });
    add_headers(&mut response, &id);
    let answered = Answered {
        endpoint,
        method: &method,
        status: response.status,
        took: now() - began,
    };
    context.metrics.record(&answered);
    log_queue::record_dropped();
    log_answer(&answered, id);
    if method == HttpMethod::HEAD {
        without_body(response)
    } else {
        response
    }
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

/// The guards, in order; then the handler.
async fn answer<B: http_body::Body>(
    context: &ServerContext,
    head: RequestHead,
    route: Route,
    body: B,
    id: &RequestId,
) -> Result<Response, AdminError> {
    head.check_size(&context.limits)?;
    let authority = authority_of(&head.headers, &head.target)?;
    context.hosts.check(authority)?;
    let caller = authenticate(context, &head)?;
    let Matched { endpoint, params } = route.map_err(|error| not_routed(&head, error))?;
    let query = QueryParameters::parse(head.query())
        .map_err(|_| AdminError::bad_request("The query is not UTF-8 once decoded"))?;
    let unknown = unknown_parameters(&endpoint.descriptor, &query);
    let effect = effect_of(&endpoint.descriptor, &query);
    let mut audit_line =
        (effect > Effect::Read).then(|| AuditLine::begin(&caller, &head, effect, id));
    let exposure = head.connection.exposure.of_request(&head.headers);
    let permitted = match audit_line {
        None => Ok(()),
        Some(_) => same_origin(&head.headers, authority)
            .and_then(|()| authorize(effect, exposure, caller.identity.is_some())),
    };
    let outcome = match permitted {
        Ok(()) => {
            let request = RequestContext {
                services: Arc::clone(&context.services),
                path_and_query: head.path_and_query,
                params,
                query,
                headers: head.headers,
                body: Bytes::new(),
                request_id: id.clone(),
                caller,
                audit: audit_line.as_ref().map(AuditLine::audit),
            };
            perform(context, &endpoint, request, body).await
        }
        Err(error) => Err(error),
    };
    if let Some(line) = &mut audit_line {
        line.end(
            outcome
                .as_ref()
                .map_or_else(AdminError::status, Response::status),
        );
    }
    let Some(unknown) = unknown else {
        return outcome;
    };
    let (ok, failed) = (unknown.clone(), unknown);
    outcome
        .map(|reply| reply.with_header(X_UNKNOWN_PARAMETERS, ok))
        .map_err(|error| error.with_header(X_UNKNOWN_PARAMETERS, failed))
}

/// Past the guards: body, arguments, handler.
async fn perform<B: http_body::Body>(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    mut request: RequestContext,
    body: B,
) -> Result<Response, AdminError> {
    // An application's middleware may wrap the body, hence its panics are caught as a handler's are.
    let read = read_body(&context.limits, endpoint, &request.headers, body);
    request.body = AssertUnwindSafe(read)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(panicked(&*panic)))?;
    let state = context.services.state();
    context.resources.require(&endpoint.descriptor, state)?;
    let task = bind(endpoint, request)?;
    run(context, endpoint, task).await
}

/// Takes the arguments out of a request; an extractor that panics is a failed request.
fn bind(endpoint: &ServedEndpoint, mut request: RequestContext) -> Result<HandlerTask, AdminError> {
    let handler = endpoint.descriptor.handler;
    catch_unwind(AssertUnwindSafe(|| handler(&mut request)))
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
}

fn authenticate(context: &ServerContext, head: &RequestHead) -> Result<Caller, AdminError> {
    let identity = match &context.authenticator {
        None => None,
        Some(authenticator) => match authenticator.authenticate(&head.headers) {
            Ok(identity) => Some(identity.0),
            Err(Unauthenticated) => {
                let error = AdminError::new(
                    StatusCode::UNAUTHORIZED,
                    "Not authenticated: send the header Authorization: Bearer TOKEN",
                );
                return Err(error.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
            }
        },
    };
    Ok(Caller {
        peer: head.connection.peer,
        identity,
    })
}

/// The answer to a request that no endpoint answers.
fn not_routed(head: &RequestHead, error: RouteError) -> AdminError {
    match error {
        RouteError::NotFound => AdminError::not_found(format!("Not found: {}", head.quoted_path())),
        RouteError::NotUtf8 { .. } => AdminError::bad_request("The path is not UTF-8 once decoded"),
        RouteError::MethodNotAllowed(allowed) => not_allowed(head, &allowed),
    }
}

fn not_allowed(head: &RequestHead, allowed: &[Method]) -> AdminError {
    let list = allowed
        .iter()
        .map(|method| method.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!(
        "Method not allowed: {} {}",
        head.quoted_method(),
        head.quoted_path()
    );
    let error = AdminError::new(StatusCode::METHOD_NOT_ALLOWED, message);
    match HeaderValue::from_str(&list) {
        Ok(list) => error.with_header(ALLOW, list),
        Err(_) => error,
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
    let is_failure = error.status().is_server_error();
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

#[expect(
    clippy::disallowed_methods,
    reason = "durations of requests are measured here"
)]
fn now() -> Instant {
    Instant::now()
}
