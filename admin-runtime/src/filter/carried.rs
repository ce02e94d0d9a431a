//! A request of the server's own socket that passes the filter.
//!
//! Warp would clone the headers and box the body. The socket hands the filter an empty request, and
//! the reply to the real one beside it.

use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use http_body::Body;
use http_body_util::Empty;
use warp::{Filter, Rejection};

use super::admin_reply::AdminReply;
use crate::dispatch::{Connection, handle};
use crate::server_context::ServerContext;

type ReplyFuture = Pin<Box<dyn Future<Output = AdminReply> + Send>>;

thread_local! {
    /// What the filter takes, while the request that belongs to it is polled.
    static CARRIED_REPLY: Cell<Option<ReplyFuture>> = const { Cell::new(None) };
}

/// The reply to a request, not yet begun.
pub(crate) struct CarriedReply(ReplyFuture);

impl CarriedReply {
    pub(crate) fn new<B: Body + Send + 'static>(
        context: Arc<ServerContext>,
        connection: Connection,
        request: http::Request<B>,
    ) -> Self
    where
        B::Data: Send,
    {
        let reply = handle(context, connection, request);
        Self(reply.map(AdminReply::from).boxed())
    }

    /// What the filter is called with instead of the request.
    pub(crate) fn empty_request() -> http::Request<Empty<Bytes>> {
        http::Request::new(Empty::new())
    }

    /// The same call of the filter, which finds the reply.
    pub(crate) fn through<F: Future + Unpin>(self, filtered: F) -> impl Future<Output = F::Output> {
        CarriedCall {
            filtered,
            reply: Some(self.0),
        }
    }
}

struct CarriedCall<F> {
    filtered: F,
    /// `None` once the filter has taken it.
    reply: Option<ReplyFuture>,
}

impl<F: Future + Unpin> Future for CarriedCall<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { filtered, reply } = &mut *self;
        let Some(untaken) = reply.take() else {
            return Pin::new(filtered).poll(context);
        };
        CARRIED_REPLY.set(Some(untaken));
        let polled = Pin::new(filtered).poll(context);
        *reply = CARRIED_REPLY.take();
        polled
    }
}

/// Answers what was carried; a request of an application carries nothing and is rejected.
pub(super) fn carried() -> impl Filter<Extract = (AdminReply,), Error = Rejection> + Clone {
    warp::any()
        .and_then(|| ready(CARRIED_REPLY.take().ok_or_else(warp::reject::not_found)))
        .then(|reply: ReplyFuture| reply)
}
