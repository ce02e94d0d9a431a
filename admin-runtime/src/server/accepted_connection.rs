//! One accepted connection, with the timeouts that hyper lacks.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;

use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use http::{HeaderValue, header};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tracing::Level;

use super::connection_phase::AwaitedAction;
use super::connection_stream::{ConnectionSocket, ConnectionStream, DiscardedRest};
use super::connection_table::{ConnectionState, MAX_PAUSE, OpenConnection};
use super::refusal::refusal;
use super::server_socket::{AcceptedSocket, WriteHalf};
use super::tracked_body::TrackedBody;
use super::tracked_reply::TrackedReply;
use super::transport::{SocketIo, Transport};
use super::unread_rest::UnreadRest;
use crate::dispatch::{Connection, handle};
use crate::log_queue;
use crate::panics::panic_message;
use crate::server_context::ServerContext;
use crate::text::one_line;

/// Room for a request line and headers that are too long, so that the server answers instead of hyper.
const READ_BUFFER_BYTES: usize = 256 << 10;

/// Headers that hyper parses without an allocation for each request. More are refused in the same
/// way, by [`refusal`].
const MAX_HEADERS_ON_STACK: usize = 100;

/// What serves one connection.
pub(super) struct AcceptedConnection {
    pub(super) connection: Connection,
    pub(super) context: Arc<ServerContext>,
    pub(super) stopped: watch::Receiver<bool>,
    /// Whether further requests may follow the first.
    pub(super) keep_alive: bool,
    /// `None` for plain HTTP.
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
}

/// Why a connection is no longer served.
pub(super) enum End {
    /// Either side closed it.
    Served(hyper::Result<()>),
    /// The server stops.
    Stopping,
    /// The server stops, and the connection waits for its client.
    Stopped,
    /// The client reset it.
    Reset,
    /// It was closed to make room for another one.
    ClosedForRoom,
    /// The client did not do this in time.
    WaitedTooLong(AwaitedAction),
}

impl AcceptedConnection {
    /// Answers requests until either side closes, or until the connection is closed to make room.
    pub(super) async fn serve(self, socket: AcceptedSocket, open: &OpenConnection) {
        let io = SocketIo::new(socket);
        // Not kept open by it: whoever waits for a descriptor needs it as soon as the connection has ended.
        let socket = Arc::downgrade(io.socket());
        let reading = Arc::clone(io.reading());
        let has_unread = move || {
            // In this order: what has left the socket is being read.
            socket.upgrade().is_some_and(|socket| socket.has_unread()) || reading.is_reading()
        };
        open.state().begin(has_unread);
        #[cfg(feature = "tls")]
        if let Some(config) = self.tls.clone() {
            return self.serve_tls(io, config, open).await;
        }
        self.serve_transport(Transport::Plain(io), open).await;
    }

    pub(super) async fn serve_transport(self, transport: Transport, open: &OpenConnection) {
        let state = open.state();
        let (stream, socket) = ConnectionStream::new(transport, Arc::clone(state));
        let rest = Arc::default();
        let answered = self.answer(stream, &socket, &rest, open);
        let ended = AssertUnwindSafe(answered).catch_unwind().await;
        let is_body_unread = rest.is_unread();
        let is_served = matches!(ended, Ok(End::Served(_)));
        let has_more = match ended {
            Ok(end) => self.record(end, state, is_body_unread),
            Err(panic) => {
                let (peer, error) = (self.connection.peer, one_line(panic_message(&*panic)));
                log_queue::emit(
                    move || tracing::error!(%peer, error, "a connection task panicked"),
                );
                self.record_rejected("panic");
                false
            }
        };
        if !has_more {
            return;
        }
        let discarded = self.discard_rest(&socket, open).await;
        // Not if the client ended before.
        if is_served && is_body_unread && (discarded.bytes > 0 || discarded.was_awaited) {
            self.record_rejected("body_unread");
        }
    }

    /// Discards what the client still sends, so that it reads the reply.
    pub(super) async fn discard_rest(
        &self,
        socket: &ConnectionSocket,
        open: &OpenConnection,
    ) -> DiscardedRest {
        open.state().wait_for(AwaitedAction::EndRefused);
        let discarded = pin!(socket.discard_rest(&self.context.limits));
        let stopped = pin!(async {
            self.stopping().await;
            sleep(MAX_PAUSE).await;
        });
        let closed = pin!(open.closed());
        match select(select(discarded, stopped), closed).await {
            Either::Left((Either::Left((discarded, _)), _)) => discarded,
            Either::Left((Either::Right(_), _)) => DiscardedRest::default(),
            Either::Right(_) => {
                self.record_rejected("connection_limit");
                DiscardedRest::default()
            }
        }
    }

    async fn answer(
        &self,
        stream: ConnectionStream,
        socket: &ConnectionSocket,
        rest: &Arc<UnreadRest<Incoming>>,
        open: &OpenConnection,
    ) -> End {
        let limits = &self.context.limits;
        let state = open.state();
        let service = service_fn(|request: http::Request<Incoming>| {
            let body = |body| {
                let rate = limits.min_body_bytes_per_second;
                TrackedBody::new(body, rate, Arc::clone(state), Arc::clone(rest))
            };
            let has_body = !request.body().is_end_stream();
            let expects = has_body && request.headers().contains_key(header::EXPECT);
            let request = request.map(body);
            let reply = handle(Arc::clone(&self.context), self.connection.clone(), request);
            async move {
                if !state.has_head_bytes() {
                    // It came with the request before it: other connections are next.
                    yield_now().await;
                }
                if !state.begin_request() {
                    // The connection was chosen to make room: the request must not begin.
                    std::future::pending::<()>().await;
                }
                let state = Arc::clone(state);
                let mut reply = http::Response::from(reply.await);
                if rest.is_unread() {
                    rest.read(expects).await;
                }
                if rest.is_unread() {
                    // What follows it is not answered.
                    let close = HeaderValue::from_static("close");
                    reply.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, Infallible>(reply.map(|body| TrackedReply::new(body, state)))
            }
        });
        let mut http = http1::Builder::new();
        // `waited_too_long` is the timeout: hyper would set and clear a timer for each request.
        http.header_read_timeout(None)
            // One write of head and body takes less than a list of parts, most of all over TLS.
            .writev(false)
            .half_close(true)
            .keep_alive(self.keep_alive)
            .max_buf_size(READ_BUFFER_BYTES.max(limits.max_header_bytes + limits.max_uri_bytes));
        if limits.max_headers > MAX_HEADERS_ON_STACK {
            http.max_headers(limits.max_headers);
        }
        let mut served = http.serve_connection(TokioIo::new(stream), service);
        let mut ends = self.ends(socket.socket(), open);
        let ended = loop {
            let end = match select(&mut served, ends.next()).await {
                Either::Left((ended, _)) => break ended,
                Either::Right((end, _)) => end,
            };
            match end {
                Some(End::Stopping) => {
                    if !state.close_at_stop() {
                        Pin::new(&mut served).graceful_shutdown();
                    }
                    ends.push(state.paused().map(|()| End::Stopped).boxed());
                }
                Some(end) => return end,
                None => break (&mut served).await,
            }
        };
        if let Err(error) = &ended {
            self.refuse(error, served.into_parts().io.into_inner())
                .await;
        }
        End::Served(ended)
    }

    /// Answers an invalid head, for which hyper has no text.
    async fn refuse(&self, error: &hyper::Error, mut stream: ConnectionStream) {
        let limits = &self.context.limits;
        let reply = refusal(error, stream.withheld_status(), READ_BUFFER_BYTES);
        if let Some(reply) = reply {
            // A client that has ended is not answered.
            let _ = timeout(limits.write_timeout, stream.write_last(&reply)).await;
        }
    }

    /// What may end the connection from outside. Each is only polled when it was woken: a request
    /// wakes none of them.
    pub(super) fn ends<'a>(
        &'a self,
        socket: &'a WriteHalf,
        open: &'a OpenConnection,
    ) -> FuturesUnordered<BoxFuture<'a, End>> {
        let ends = FuturesUnordered::new();
        ends.push(socket.reset().map(|()| End::Reset).boxed());
        ends.push(open.closed().map(|()| End::ClosedForRoom).boxed());
        let waited = open.state().waited_too_long(&self.context.limits);
        ends.push(waited.map(End::WaitedTooLong).boxed());
        ends.push(self.stopping().map(|()| End::Stopping).boxed());
        ends
    }

    /// Returns when the server stops.
    async fn stopping(&self) {
        // The sender is dropped with the server.
        let _ = self.stopped.clone().wait_for(|stop| *stop).await;
    }

    /// Counts and logs the end; whether the client may still send what belongs to its request.
    fn record(&self, end: End, state: &ConnectionState, is_body_unread: bool) -> bool {
        let peer = self.connection.peer;
        match end {
            End::Served(Err(error)) => {
                self.record_error(&error);
                return is_body_unread || error.is_parse();
            }
            End::Served(Ok(())) => return is_body_unread,
            End::Stopping | End::Stopped => return is_body_unread,
            End::Reset => {
                log_queue::emit(move || tracing::debug!(%peer, "the client reset the connection"));
            }
            End::ClosedForRoom => self.record_rejected("connection_limit"),
            End::WaitedTooLong(action) => self.record_rejected(match action {
                AwaitedAction::ReadReply => "write_timeout",
                _ if state.has_head_bytes() => "head_timeout",
                _ => "idle_timeout",
            }),
        }
        false
    }

    fn record_error(&self, error: &hyper::Error) {
        if tracing::enabled!(Level::DEBUG) {
            let (peer, error) = (self.connection.peer, one_line(error));
            log_queue::emit(move || tracing::debug!(%peer, error, "connection error"));
        }
        if error.is_parse_too_large() {
            self.record_rejected("head_too_large");
        } else if error.is_parse() {
            self.record_rejected("head_invalid");
        }
    }

    pub(super) fn record_rejected(&self, reason: &'static str) {
        self.context.metrics.record_rejected_connection(reason);
    }
}
