//! One request, from its head to the reply: guards, body, arguments, handler, record.

mod admission;
mod audit_line;
mod audited_target;
mod body;
mod connection;
mod exchange;
mod page_request;
mod request_head;
mod run;
mod unknown_parameters;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{Either, lazy};

pub(crate) use self::connection::Connection;
pub(crate) use self::request_head::{RequestHead, Route};
pub(crate) use self::run::mark_admin_thread;

use self::admission::{admit, ask, begin_audit};
use self::body::{check_announced, check_transfer_encoding, read_body};
use self::exchange::Exchange;
pub(crate) use self::exchange::refused;
use self::page_request::{PageRequest, without_credentials};
use self::run::{panicked, run};
use crate::endpoint::HandlerTask;
use crate::guard::Identity;
use crate::request::{RequestContext, StopSignal};
use crate::response::{AdminError, Response};
use crate::server_context::{ServedEndpoint, ServerContext};

/// Answers one request, of any path.
pub(crate) fn handle<B: http_body::Body>(
    context: Arc<ServerContext>,
    connection: Connection,
    request: http::Request<B>,
) -> impl Future<Output = Response> {
    lazy(move |_| {
        let (parts, body) = request.into_parts();
        let mut head = RequestHead::from_parts(parts, connection);
        let route = head.route(&context);
        begin(context, head, route, body)
    })
    .flatten()
}

/// Answers one request that is routed: every failure becomes a reply, and every reply is recorded.
pub(crate) fn respond<B: http_body::Body>(
    context: Arc<ServerContext>,
    head: RequestHead,
    route: Route,
    body: B,
) -> impl Future<Output = Response> {
    lazy(move |_| begin(context, head, route, body)).flatten()
}

/// What an admitted request waits for first.
enum FirstStep<B> {
    /// There is no body, so that all arguments are known.
    Run(HandlerTask),
    Read(Box<RequestContext>, B),
}

/// Everything before the first await, in the first poll; the future has only what is needed after.
///
/// An `async fn` would keep its arguments twice, and a large future costs a slow allocation.
fn begin<B: http_body::Body>(
    context: Arc<ServerContext>,
    head: RequestHead,
    route: Route,
    body: B,
) -> impl Future<Output = Response> {
    let mut exchange = Exchange::begin(&head, &route);
    if !context.credentials.are_async() {
        return Either::Left(begin_known(context, head, route, body, (exchange, None)));
    }
    Either::Right(Box::pin(async move {
        match ask(&context, &head).await {
            Ok(known) => begin_known(context, head, route, body, (exchange, known)).await,
            Err(error) => {
                let _ = begin_audit(&context, &head, &route, &mut exchange);
                exchange.end(&context, Err(error))
            }
        }
    }))
}

/// The same, once everything about the caller is known that has to be waited for.
fn begin_known<B: http_body::Body>(
    context: Arc<ServerContext>,
    head: RequestHead,
    route: Route,
    body: B,
    (mut exchange, known): (Exchange, Option<Identity>),
) -> impl Future<Output = Response> {
    let page_request = PageRequest::new(&head, &route);
    let admitted = admit(&context, head, route, known, &mut exchange);
    let step = admitted.and_then(|(endpoint, request)| {
        let step = first_step(&context, &endpoint, request, body)?;
        Ok((endpoint, step))
    });
    async move {
        let outcome = match step {
            Ok((endpoint, FirstStep::Run(task))) => {
                run(&context, &endpoint, task, &exchange.id).await
            }
            Ok((endpoint, FirstStep::Read(request, body))) => {
                let read = read_and_run(&context, &endpoint, request, body);
                Box::pin(read).await
            }
            Err(error) => without_credentials(&context, page_request, error),
        };
        exchange.end(&context, outcome)
    }
}

/// Past the guards: the arguments, unless there is a body to read.
fn first_step<B: http_body::Body>(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    request: RequestContext,
    body: B,
) -> Result<FirstStep<B>, AdminError> {
    if !body.is_end_stream() {
        check_transfer_encoding(request.headers())?;
        check_announced(&context.limits, request.headers())?;
        return Ok(FirstStep::Read(Box::new(request), body));
    }
    bind(context, endpoint, request).map(FirstStep::Run)
}

/// Body, arguments, handler.
async fn read_and_run<B: http_body::Body>(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    mut request: Box<RequestContext>,
    body: B,
) -> Result<Response, AdminError> {
    let reservation = endpoint
        .reads_body
        .then(|| context.body_budget.reservation(&context.limits));
    // An application's middleware may wrap the body, hence its panics are caught as a handler's are.
    let id = request.request_id().clone();
    let stop = context.services.get::<StopSignal>();
    request.body = AssertUnwindSafe(read_body(&context.limits, stop, body, reservation))
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(panicked(&*panic)))?;
    let task = bind(context, endpoint, *request)?;
    run(context, endpoint, task, &id).await
}

/// Takes the arguments out of a request; an extractor that panics is a failed request.
fn bind(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    mut request: RequestContext,
) -> Result<HandlerTask, AdminError> {
    let state = context.services.state();
    context.resources.require(&endpoint.descriptor, state)?;
    let handler = endpoint.descriptor.handler;
    catch_unwind(AssertUnwindSafe(|| handler(&mut request)))
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
}
