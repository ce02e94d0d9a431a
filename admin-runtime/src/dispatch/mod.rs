//! One request, from the root filter to the reply: guards, body, arguments, handler, record.

mod audit_line;
mod body;
mod request_head;
mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, Bytes};
use futures_util::Stream;
use http::header::{ALLOW, CONTENT_LENGTH, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{Method as HttpMethod, StatusCode};

pub(crate) use self::request_head::RequestHead;
pub(crate) use self::run::mark_admin_thread;

use self::audit_line::AuditLine;
use crate::endpoint::{Effect, EndpointDescriptor, HandlerTask, Method};
use crate::guard::{Exposure, Unauthenticated, authority_of, authorize, effect_of, same_origin};
use crate::panics::panic_message;
use crate::registry::Lookup;
use crate::request::ArgumentKind;
use crate::request::{Audit, Caller, Query, RequestContext, RequestId};
use crate::response::{AdminError, Body, ErrorFormat, Response, render};
use crate::server_context::{ServerContext, UNMATCHED};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers one request: every failure becomes a reply, and every reply is recorded.
pub(crate) async fn dispatch<S, B, E>(
    context: Arc<ServerContext>,
    exposure: Exposure,
    head: RequestHead,
    body: S,
) -> Response
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let began = now();
    let id = RequestId::for_request(head.headers.get(X_REQUEST_ID));
    let method = head.method.clone();
    let index = match head.lookup {
        Lookup::Found(index, _) => Some(index),
        _ => None,
    };
    let endpoint = index.map(|index| &context.registry.endpoints()[index]);
    let path = endpoint.map_or(UNMATCHED, |endpoint| endpoint.path);
    let mut response = match answer(&context, exposure, head, body, &id).await {
        Ok(response) => response,
        Err(error) => {
            log_cause(&error, path, &id);
            let format = endpoint.map_or(ErrorFormat::Json, |endpoint| endpoint.response.errors);
            render(&error, format, &id)
        }
    };
    response.headers.insert(X_REQUEST_ID, id.header());
    let (status, took) = (response.status, now() - began);
    context
        .request_metrics
        .record(endpoint, index, &method, status, took);
    tracing::debug!(%method, path, status = status.as_u16(), ?took, request_id = %id, "answered");
    if method == HttpMethod::HEAD {
        without_body(response)
    } else {
        response
    }
}

async fn answer<S, B, E>(
    context: &Arc<ServerContext>,
    exposure: Exposure,
    head: RequestHead,
    body: S,
    id: &RequestId,
) -> Result<Response, AdminError>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let limits = &context.limits;
    head.check_size(limits)?;
    let authority = authority_of(&head.headers, &head.target)?;
    context.hosts.check(authority)?;
    let caller = authenticate(context, &head)?;
    let index = match &head.lookup {
        Lookup::Found(index, _) => *index,
        Lookup::NotFound => {
            return Err(AdminError::not_found(format!("Not found: {}", head.path())));
        }
        Lookup::NotUtf8 => {
            return Err(AdminError::bad_request(
                "The path is not UTF-8 once decoded",
            ));
        }
        Lookup::MethodNotAllowed(allowed) => return Err(not_allowed(&head, allowed)),
    };
    let endpoint = &context.registry.endpoints()[index];
    let query = Query::parse(&head.query)
        .map_err(|_| AdminError::bad_request("The query is not UTF-8 once decoded"))?;
    let effect = effect_of(endpoint, &query);
    let mut audit = (effect > Effect::Read).then(|| AuditLine::begin(&caller, &head, effect, id));
    let permitted = match audit {
        None => Ok(()),
        Some(_) => same_origin(&head.headers, authority)
            .and_then(|()| authorize(effect, exposure, caller.identity.is_some())),
    };
    let change = audit.as_ref().map(AuditLine::audit).unwrap_or_default();
    let outcome = match permitted {
        Ok(()) => perform(context, index, head, query, caller, id, change, body).await,
        Err(error) => Err(error),
    };
    if let Some(line) = &mut audit {
        line.end(
            outcome
                .as_ref()
                .map_or_else(AdminError::status, Response::status),
        );
    }
    outcome
}

/// Past the guards: body, arguments, handler.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one request, each used once"
)]
async fn perform<S, B, E>(
    context: &Arc<ServerContext>,
    index: usize,
    head: RequestHead,
    query: Query,
    caller: Caller,
    id: &RequestId,
    reported: Audit,
    body: S,
) -> Result<Response, AdminError>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let endpoint = &context.registry.endpoints()[index];
    let body = read_body(context, endpoint, &head, body).await?;
    let mut request = RequestContext {
        services: Arc::clone(&context.services),
        raw_path: head.path,
        path: head.lookup.into_values(),
        query,
        headers: head.headers,
        body,
        request_id: id.clone(),
        caller,
        audit: reported,
    };
    let handler = endpoint.handler;
    let task = catch_unwind(AssertUnwindSafe(|| handler(&mut request)))
        .unwrap_or_else(|panic| Err(AdminError::internal(panic_message(&*panic))))?;
    drop(request);
    run::run(context, index, task).await
}

/// Handler alone: no guard, no limit, no record. For the benchmark of routing.
pub(crate) async fn unguarded(context: Arc<ServerContext>, lookup: Lookup) -> Response {
    let Lookup::Found(index, path) = lookup else {
        return Response::empty().with_status(StatusCode::NOT_FOUND);
    };
    let handler = context.registry.endpoints()[index].handler;
    let mut request = RequestContext {
        services: Arc::clone(&context.services),
        raw_path: String::new(),
        path,
        query: Query::default(),
        headers: http::HeaderMap::new(),
        body: Bytes::new(),
        request_id: RequestId::for_request(None),
        caller: Caller::default(),
        audit: Audit::default(),
    };
    match handler(&mut request) {
        Ok(HandlerTask::Async(work)) => work.await,
        Ok(HandlerTask::Blocking(work)) => work(),
        Err(error) => Err(error),
    }
    .unwrap_or_else(|error| render(&error, ErrorFormat::Json, &request.request_id))
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
        peer: head.peer,
        identity,
    })
}

fn not_allowed(head: &RequestHead, allowed: &[Method]) -> AdminError {
    let list = allowed
        .iter()
        .map(|method| method.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!("Method not allowed: {} {}", head.method, head.path());
    let error = AdminError::new(StatusCode::METHOD_NOT_ALLOWED, message);
    match HeaderValue::from_str(&list) {
        Ok(list) => error.with_header(ALLOW, list),
        Err(_) => error,
    }
}

/// Reads the body where an argument wants it; refuses one that is too long in any case.
async fn read_body<S, B, E>(
    context: &ServerContext,
    endpoint: &EndpointDescriptor,
    head: &RequestHead,
    body: S,
) -> Result<Bytes, AdminError>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let announced = head.headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > context.limits.max_body_bytes as u64) {
        return Err(body::too_long(context.limits.max_body_bytes));
    }
    let wanted = |argument: &crate::request::ArgumentDescriptor| {
        matches!(argument.kind, ArgumentKind::Body { .. })
    };
    if !endpoint.arguments.iter().any(wanted) {
        return Ok(Bytes::new());
    }
    let deadline = context.limits.body_read_timeout;
    match tokio::time::timeout(deadline, body::collect(body, context.limits.max_body_bytes)).await {
        Ok(read) => read,
        Err(_) => Err(AdminError::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("The body did not arrive within {deadline:?}"),
        )),
    }
}

/// Causes go to the log under the request's id: 5xx as errors, what clients did wrong at debug.
fn log_cause(error: &AdminError, path: &str, id: &RequestId) {
    let cause = error.cause().map(ToString::to_string).unwrap_or_default();
    if error.status().is_server_error() {
        tracing::error!(request_id = %id, path, error = %error, cause, "request failed");
    } else {
        tracing::debug!(request_id = %id, path, error = %error, cause, "request refused");
    }
}

/// The reply to HEAD: what GET would say, without saying it.
fn without_body(mut response: Response) -> Response {
    let length = match &response.body {
        Body::Empty => None,
        Body::Bytes(bytes) => Some(bytes.len()),
        Body::Stream(_) => None,
    };
    if let Some(length) = length {
        response
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
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
