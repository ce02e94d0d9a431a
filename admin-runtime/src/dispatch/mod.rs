//! One request, from the root filter to the reply: guards, body, arguments, handler, record.

mod arrival;
mod audit_line;
mod body;
mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, Bytes};
use futures_util::Stream;
use http::header::{ALLOW, CONTENT_LENGTH, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{Method as HttpMethod, StatusCode};

pub(crate) use self::arrival::Arrival;
pub(crate) use self::run::mark_admin_thread;

use self::audit_line::AuditLine;
use crate::endpoint::{ArgumentKind, Effect, EndpointDescriptor, Method, Work};
use crate::guard::{Door, Unauthenticated, authority_of, effect_of, may, same_origin};
use crate::panics::panic_message;
use crate::plane::{Plane, UNMATCHED};
use crate::registry::Lookup;
use crate::request::{Call, Caller, Change, Query, RequestId};
use crate::response::{AdminError, Body, ErrorFormat, Response, render};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers one request: every failure becomes a reply, and every reply is recorded.
pub(crate) async fn dispatch<S, B, E>(
    plane: Arc<Plane>,
    door: Door,
    arrival: Arrival,
    body: S,
) -> Response
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let began = now();
    let id = RequestId::for_request(arrival.headers.get(X_REQUEST_ID));
    let method = arrival.method.clone();
    let index = match arrival.lookup {
        Lookup::Found(index, _) => Some(index),
        _ => None,
    };
    let endpoint = index.map(|index| &plane.registry.endpoints()[index]);
    let path = endpoint.map_or(UNMATCHED, |endpoint| endpoint.path);
    let mut response = match answer(&plane, door, arrival, body, &id).await {
        Ok(response) => response,
        Err(error) => {
            log_cause(&error, path, &id);
            let format = endpoint.map_or(ErrorFormat::Json, |endpoint| endpoint.response.errors);
            render(&error, format, &id)
        }
    };
    response.headers.insert(X_REQUEST_ID, id.header());
    let (status, took) = (response.status, now() - began);
    plane.tally.record(endpoint, index, &method, status, took);
    tracing::debug!(%method, path, status = status.as_u16(), ?took, request_id = %id, "answered");
    if method == HttpMethod::HEAD {
        without_body(response)
    } else {
        response
    }
}

async fn answer<S, B, E>(
    plane: &Arc<Plane>,
    door: Door,
    arrival: Arrival,
    body: S,
    id: &RequestId,
) -> Result<Response, AdminError>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let limits = &plane.limits;
    arrival.check_size(limits)?;
    let authority = authority_of(&arrival.headers, &arrival.target)?;
    plane.hosts.check(authority)?;
    let caller = authenticate(plane, &arrival)?;
    let index = match &arrival.lookup {
        Lookup::Found(index, _) => *index,
        Lookup::NotFound => {
            return Err(AdminError::not_found(format!(
                "Not found: {}",
                arrival.path()
            )));
        }
        Lookup::NotUtf8 => {
            return Err(AdminError::bad_request(
                "The path is not UTF-8 once decoded",
            ));
        }
        Lookup::MethodNotAllowed(allowed) => return Err(not_allowed(&arrival, allowed)),
    };
    let endpoint = &plane.registry.endpoints()[index];
    let query = Query::parse(&arrival.query)
        .map_err(|_| AdminError::bad_request("The query is not UTF-8 once decoded"))?;
    let effect = effect_of(endpoint, &query);
    let mut audit =
        (effect > Effect::Read).then(|| AuditLine::begin(&caller, &arrival, effect, id));
    let permitted = match audit {
        None => Ok(()),
        Some(_) => same_origin(&arrival.headers, authority)
            .and_then(|()| may(effect, door, caller.identity.is_some())),
    };
    let change = audit.as_ref().map(AuditLine::change).unwrap_or_default();
    let outcome = match permitted {
        Ok(()) => perform(plane, index, arrival, query, caller, id, change, body).await,
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
    plane: &Arc<Plane>,
    index: usize,
    arrival: Arrival,
    query: Query,
    caller: Caller,
    id: &RequestId,
    change: Change,
    body: S,
) -> Result<Response, AdminError>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let endpoint = &plane.registry.endpoints()[index];
    let body = read_body(plane, endpoint, &arrival, body).await?;
    let mut call = Call {
        plane: Arc::clone(plane),
        raw_path: arrival.path,
        path: arrival.lookup.into_values(),
        query,
        headers: arrival.headers,
        body,
        request_id: id.clone(),
        caller,
        change,
    };
    let handler = endpoint.handler;
    let work = catch_unwind(AssertUnwindSafe(|| handler(&mut call)))
        .unwrap_or_else(|panic| Err(AdminError::internal(panic_message(&*panic))))?;
    drop(call);
    run::run(plane, index, work).await
}

/// Handler alone: no guard, no limit, no record. For the benchmark of routing.
pub(crate) async fn unguarded(plane: Arc<Plane>, lookup: Lookup) -> Response {
    let Lookup::Found(index, path) = lookup else {
        return Response::empty().with_status(StatusCode::NOT_FOUND);
    };
    let handler = plane.registry.endpoints()[index].handler;
    let mut call = Call {
        plane,
        raw_path: String::new(),
        path,
        query: Query::default(),
        headers: http::HeaderMap::new(),
        body: Bytes::new(),
        request_id: RequestId::for_request(None),
        caller: Caller::default(),
        change: Change::default(),
    };
    match handler(&mut call) {
        Ok(Work::Async(work)) => work.await,
        Ok(Work::Blocking(work)) => work(),
        Err(error) => Err(error),
    }
    .unwrap_or_else(|error| render(&error, ErrorFormat::Json, &call.request_id))
}

fn authenticate(plane: &Plane, arrival: &Arrival) -> Result<Caller, AdminError> {
    let identity = match &plane.authenticator {
        None => None,
        Some(authenticator) => match authenticator.authenticate(&arrival.headers) {
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
        peer: arrival.peer,
        identity,
    })
}

fn not_allowed(arrival: &Arrival, allowed: &[Method]) -> AdminError {
    let list = allowed
        .iter()
        .map(|method| method.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!("Method not allowed: {} {}", arrival.method, arrival.path());
    let error = AdminError::new(StatusCode::METHOD_NOT_ALLOWED, message);
    match HeaderValue::from_str(&list) {
        Ok(list) => error.with_header(ALLOW, list),
        Err(_) => error,
    }
}

/// Reads the body where an argument wants it; refuses one that is too long in any case.
async fn read_body<S, B, E>(
    plane: &Plane,
    endpoint: &EndpointDescriptor,
    arrival: &Arrival,
    body: S,
) -> Result<Bytes, AdminError>
where
    S: Stream<Item = Result<B, E>> + Send,
    B: Buf,
{
    let announced = arrival.headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > plane.limits.body as u64) {
        return Err(body::too_long(plane.limits.body));
    }
    let wanted = |argument: &crate::endpoint::ArgumentDescriptor| {
        matches!(argument.kind, ArgumentKind::Body { .. })
    };
    if !endpoint.arguments.iter().any(wanted) {
        return Ok(Bytes::new());
    }
    let deadline = plane.limits.body_deadline;
    match tokio::time::timeout(deadline, body::collect(body, plane.limits.body)).await {
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
