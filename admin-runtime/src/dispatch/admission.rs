//! The guards, in order.

use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::StatusCode;
use http::header::{ALLOW, AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use super::audit_line::AuditLine;
use super::exchange::Exchange;
use super::run::panicked;
use super::unknown_parameters::UnknownParameters;
use super::{RequestHead, Route};
use crate::audit_log::AuditedCaller;
use crate::endpoint::{Effect, Method};
use crate::guard::{
    Exposure, Hosts, Identity, ServedOrigin, authorize, authorize_sensitive, effect_of,
    presents_credentials, same_origin, same_origin_read,
};
use crate::registry::{Matched, RouteError};
use crate::request::{BadQuery, Caller, QueryParameters, RequestContext};
use crate::response::AdminError;
use crate::server_context::{ServedEndpoint, ServerContext};
use crate::text::excerpt;

/// Longest name of a certificate that a message repeats, in characters.
const MAX_QUOTED_NAME_CHARS: usize = 100;

/// Checks a request before anything of it is used: its endpoint, and what its handler may see.
pub(super) fn admit(
    context: &Arc<ServerContext>,
    head: &mut RequestHead,
    route: Route,
    known: Option<Identity>,
    exchange: &mut Exchange,
) -> Result<(Arc<ServedEndpoint>, RequestContext), AdminError> {
    let query = begin_audit(context, head, &route, exchange);
    head.check_size(&context.limits)?;
    let policy = &head.connection.listener.policy;
    let authority = authority_of(context, head)?;
    let is_public = matches!(&route, Ok(matched) if matched.endpoint.is_public);
    let identity = authenticate(context, head, known, is_public)?;
    let ceiling = identity.as_ref().map(Identity::max_effect);
    let caller = Caller {
        peer: head.connection.peer,
        identity: identity.map(Identity::into_name),
    };
    let audit_line = &mut exchange.audit_line;
    if let Some(line) = audit_line {
        line.set_who(&caller);
    }
    let Matched { endpoint, params } = route.map_err(|error| not_routed(head, error))?;
    let query =
        query.map_err(|_| AdminError::bad_request("The query is not UTF-8 once decoded"))?;
    let unknown = UnknownParameters::find(&endpoint.descriptor, &query);
    exchange.unknown_parameters = unknown.as_ref().and_then(UnknownParameters::header);
    // Looked up only where it is used: most requests are reads that everyone may send.
    let served = || ServedOrigin {
        authority,
        default_port: policy.default_port_of(&head.headers),
    };
    let audit = if let Some(line) = audit_line {
        same_origin(&head.headers, served())?;
        if ceiling.is_some() {
            line.set_caller(AuditedCaller::RefusedKnown);
        }
        let effect = line.effect();
        let exposure = policy.exposure.of_request(&head.headers);
        require_credentials(context, head, ceiling)?;
        policy.check_effect(effect)?;
        authorize(effect, exposure, ceiling)?;
        line.set_caller(AuditedCaller::Permitted);
        Some(line.audit())
    } else {
        if endpoint.descriptor.sensitive {
            same_origin_read(&head.headers, served())?;
            let exposure = policy.exposure.of_request(&head.headers);
            require_credentials(context, head, ceiling)?;
            authorize_sensitive(exposure, ceiling.is_some())?;
        }
        None
    };
    if let Some(unknown) = unknown
        && endpoint.descriptor.deny_unknown
    {
        return Err(unknown.refusal(&endpoint.descriptor));
    }
    let is_loopback = head.connection.exposure() == Exposure::Loopback;
    let listed = head.connection.listener.listed().map(Arc::clone);
    let request = RequestContext {
        services: Arc::clone(&context.services),
        path_and_query: head.path_and_query.clone(),
        params,
        query,
        headers: mem::take(&mut head.headers),
        body: Bytes::new(),
        request_id: exchange.id.clone(),
        caller,
        is_loopback,
        listed,
        audit,
    };
    Ok((endpoint, request))
}

/// Begins the audit line of a request that may change something; returns what its query says.
pub(super) fn begin_audit(
    context: &Arc<ServerContext>,
    head: &RequestHead,
    route: &Route,
    exchange: &mut Exchange,
) -> Result<QueryParameters, BadQuery> {
    let query = QueryParameters::parse(head.query());
    if let Ok(Matched { endpoint, .. }) = route {
        let effect = match &query {
            Ok(query) => effect_of(&endpoint.descriptor, query),
            Err(BadQuery) => endpoint.descriptor.highest_effect(),
        };
        if effect > Effect::Read {
            let line = AuditLine::begin(context, head, endpoint, effect, &exchange.id);
            exchange.audit_line = Some(Box::new(line));
        }
    }
    query
}

/// The caller that credentials prove which have to be waited for.
///
/// # Errors
///
/// 503 if the answer does not come in time.
pub(super) async fn ask(
    context: &ServerContext,
    head: &RequestHead,
) -> Result<Option<Identity>, AdminError> {
    let limit = context.limits.handler_timeout;
    let is_refused =
        head.check_size(&context.limits).is_err() || authority_of(context, head).is_err();
    if is_refused || context.credentials.authenticate(&head.headers).is_ok() {
        return Ok(None);
    }
    let asked = AssertUnwindSafe(context.credentials.ask(&head.headers)).catch_unwind();
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(panic)) => Err(panicked(&*panic)),
        Err(_) => Err(AdminError::unavailable(format!(
            "The authenticator did not answer within {limit:?}"
        ))),
    }
}

fn authority_of<'a>(context: &ServerContext, head: &'a RequestHead) -> Result<&'a str, AdminError> {
    if head.connection.exposure() == Exposure::UnixSocket {
        // No name leads to it, so that none can be forged.
        return Ok(Hosts::unchecked_authority(&head.headers, &head.target));
    }
    context.hosts.authority_of(&head.headers, &head.target)
}

/// The caller, if it has to say who it is. Credentials are alternatives: those that a request presents, or
/// what its connection proves. A public endpoint answers without credentials, but not with wrong ones.
fn authenticate(
    context: &ServerContext,
    head: &RequestHead,
    known: Option<Identity>,
    is_public: bool,
) -> Result<Option<Identity>, AdminError> {
    if let Some(name) = head.connection.refused_client() {
        return Err(client_not_allowed(name));
    }
    if context.credentials.are_required() {
        if head.headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
            return Err(AdminError::bad_request(
                "More than one Authorization header",
            ));
        }
        let authenticated = context.credentials.authenticate(&head.headers);
        match authenticated.or_else(|error| known.ok_or(error)) {
            Ok(identity) => return Ok(Some(identity)),
            Err(_) if presents_credentials(&head.headers) => {
                return Err(not_authenticated(&head.headers));
            }
            Err(_) => {}
        }
    }
    match head.connection.identity(&head.headers) {
        None if !is_public && needs_credentials(context, head) => {
            Err(not_authenticated(&head.headers))
        }
        identity => Ok(identity),
    }
}

/// Whether credentials are configured for where a request came from.
fn needs_credentials(context: &ServerContext, head: &RequestHead) -> bool {
    let policy = &head.connection.listener.policy;
    context.credentials.needs_credentials(policy)
}

/// What a public endpoint does not answer to everyone: writes, and reads of sensitive data.
fn require_credentials(
    context: &ServerContext,
    head: &RequestHead,
    ceiling: Option<Effect>,
) -> Result<(), AdminError> {
    if ceiling.is_none() && needs_credentials(context, head) {
        return Err(not_authenticated(&head.headers));
    }
    Ok(())
}

fn client_not_allowed(name: &str) -> AdminError {
    let name = excerpt(name, MAX_QUOTED_NAME_CHARS);
    let text = format!("The client certificate of '{name}' is not one of allow_clients(..)");
    AdminError::new(StatusCode::UNAUTHORIZED, text)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

fn not_authenticated(headers: &HeaderMap) -> AdminError {
    let text = if presents_credentials(headers) {
        "Not authenticated: the credentials sent are not accepted; a token is sent as Authorization: Bearer TOKEN"
    } else {
        "Not authenticated: send the header Authorization: Bearer TOKEN"
    };
    AdminError::new(StatusCode::UNAUTHORIZED, text)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
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
