//! One request, from its head to the reply: guards, body, arguments, handler, record.

mod admission;
mod audit_line;
mod audited_target;
mod body;
mod connection;
mod exchange;
mod first_poll;
mod page_request;
mod request_head;
mod run;
mod unknown_parameters;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::Either;

pub(crate) use self::connection::Connection;
pub(crate) use self::request_head::{RequestHead, Route};
pub(crate) use self::run::mark_admin_thread;

use self::admission::{admit, ask, begin_audit};
use self::body::{check_announced, check_transfer_encoding, read_body};
use self::exchange::Exchange;
pub(crate) use self::exchange::refused;
use self::first_poll::{FirstPoll, first_poll};
use self::page_request::{PageRequest, without_credentials};
use self::run::{panicked, poll_here, run};
use crate::endpoint::HandlerTask;
use crate::guard::Identity;
use crate::request::{RequestContext, RequestId, StopSignal};
use crate::response::{AdminError, Response};
use crate::server_context::{ServedEndpoint, ServerContext};
use crate::user_runtime::HandlerOutcome;

/// Answers one request, of any path.
pub(crate) fn handle<B: http_body::Body>(
    context: Arc<ServerContext>,
    connection: Connection,
    request: http::Request<B>,
) -> impl Future<Output = Response> {
    first_poll(move |task| {
        let (parts, body) = request.into_parts();
        let mut head = RequestHead::from_parts(parts, connection);
        let route = head.route(&context);
        begin(context, head, route, body, task)
    })
}

/// Answers one request that is routed: every failure becomes a reply, and every reply is recorded.
pub(crate) fn respond<B: http_body::Body>(
    context: Arc<ServerContext>,
    head: RequestHead,
    route: Route,
    body: B,
) -> impl Future<Output = Response> {
    first_poll(move |task| begin(context, head, route, body, task))
}

/// Everything before the first await.
fn begin<B: http_body::Body>(
    context: Arc<ServerContext>,
    mut head: RequestHead,
    route: Route,
    body: B,
    task: &mut Context<'_>,
) -> FirstPoll<Response, impl Future<Output = Response> + Unpin + use<B>> {
    let mut exchange = Exchange::begin(&head, &route);
    if !context.credentials.are_async() {
        return match begin_known(context, &mut head, route, body, (exchange, None), task) {
            FirstPoll::Done(response) => FirstPoll::Done(response),
            FirstPoll::Waits(rest) => FirstPoll::Waits(Either::Left(rest)),
        };
    }
    FirstPoll::Waits(Either::Right(Box::pin(async move {
        match ask(&context, &head).await {
            Ok(known) => {
                let begun = move |task: &mut Context<'_>| {
                    begin_known(context, &mut head, route, body, (exchange, known), task)
                };
                first_poll(begun).await
            }
            Err(error) => {
                let _ = begin_audit(&context, &head, &route, &mut exchange);
                exchange.end(&context, Err(error))
            }
        }
    })))
}

/// The same, once everything about the caller is known that has to be waited for.
fn begin_known<B: http_body::Body>(
    context: Arc<ServerContext>,
    head: &mut RequestHead,
    route: Route,
    body: B,
    (mut exchange, known): (Exchange, Option<Identity>),
    task: &mut Context<'_>,
) -> FirstPoll<Response, impl Future<Output = Response> + Unpin + use<B>> {
    let page_request = PageRequest::new(head, &route);
    let outcome = match admit(&context, head, route, known, &mut exchange) {
        Ok(admitted) => match run_first(&context, admitted, body, &exchange, task) {
            Ok(FirstRun::Ended(outcome)) => outcome,
            Ok(FirstRun::Waits(waits)) => {
                return FirstPoll::Waits(Box::pin(async move {
                    let outcome = waits.finish(&context, &exchange.id).await;
                    exchange.end(&context, outcome)
                }));
            }
            Err(error) => Err(error),
        },
        Err(error) => without_credentials(&context, page_request, error),
    };
    FirstPoll::Done(exchange.end(&context, outcome))
}

/// What the first poll of an admitted request returns.
enum FirstRun<B> {
    Ended(HandlerOutcome),
    Waits(WaitingRequest<B>),
}

/// What an admitted request waits for.
enum WaitingRequest<B> {
    Handler(Arc<ServedEndpoint>, HandlerTask),
    Body(Arc<ServedEndpoint>, Box<RequestContext>, B),
}

/// Past the guards: arguments and handler, unless there is a body to read. A read that takes no body does not
/// wait for one: it needs no rights, and a client could keep its connection with it. A write is not begun
/// before its request is whole.
fn run_first<B: http_body::Body>(
    context: &ServerContext,
    (endpoint, mut request): (Arc<ServedEndpoint>, RequestContext),
    body: B,
    exchange: &Exchange,
    task: &mut Context<'_>,
) -> Result<FirstRun<B>, AdminError> {
    if !body.is_end_stream() {
        check_transfer_encoding(request.headers())?;
        check_announced(&context.limits, request.headers())?;
        if endpoint.reads_body || exchange.audit_line.is_some() {
            let waits = WaitingRequest::Body(endpoint, Box::new(request), body);
            return Ok(FirstRun::Waits(waits));
        }
    }
    drop(body);
    let mut handler = bind(context, &endpoint, &mut request)?;
    Ok(
        match poll_here(&endpoint, &mut handler, &exchange.id, task) {
            Poll::Ready(outcome) => FirstRun::Ended(outcome),
            Poll::Pending => FirstRun::Waits(WaitingRequest::Handler(endpoint, handler)),
        },
    )
}

impl<B: http_body::Body> WaitingRequest<B> {
    async fn finish(self, context: &ServerContext, id: &RequestId) -> HandlerOutcome {
        match self {
            Self::Handler(endpoint, handler) => run(context, &endpoint, handler, id).await,
            // A future of more than a kilobyte costs a slow allocation, which handlers alone need not.
            Self::Body(endpoint, request, body) => {
                Box::pin(read_and_run(context, &endpoint, request, body)).await
            }
        }
    }
}

/// Body, arguments, handler.
async fn read_and_run<B: http_body::Body>(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    mut request: Box<RequestContext>,
    body: B,
) -> HandlerOutcome {
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
    let handler = bind(context, endpoint, &mut request)?;
    drop(request);
    run(context, endpoint, handler, &id).await
}

/// Takes the arguments out of a request; an extractor that panics is a failed request.
fn bind(
    context: &ServerContext,
    endpoint: &ServedEndpoint,
    request: &mut RequestContext,
) -> Result<HandlerTask, AdminError> {
    let state = context.services.state();
    context.resources.require(&endpoint.descriptor, state)?;
    let handler = endpoint.descriptor.handler;
    catch_unwind(AssertUnwindSafe(|| handler(request)))
        .unwrap_or_else(|panic| Err(panicked(&*panic)))
}
