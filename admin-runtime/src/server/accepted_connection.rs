//! One accepted connection, with the timeouts that `warp::serve` lacks.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use tower_service::Service;
use tracing::Level;

use super::connection_stream::{ConnectionSocket, ConnectionStream};
use super::connection_table::{ConnectionState, OpenConnection};
use super::tracked_reply::TrackedReply;
use crate::dispatch::Connection;
use crate::filter::{AdminFilter, CarriedReply, TrackedBody};
use crate::log_queue;
use crate::panics::panic_message;
use crate::server_context::ServerContext;
use crate::text::one_line;

/// Room for a request line and headers that are too long, so that the answer is ours.
const READ_BUFFER_BYTES: usize = 256 << 10;

/// Headers beyond `Limits::max_headers` that hyper parses, so that the answer is ours. hyper sets
/// memory for all of them aside for each request.
const SPARE_HEADERS: usize = 28;

/// What serves one connection.
pub(super) struct AcceptedConnection {
    pub(super) connection: Connection,
    pub(super) filter: AdminFilter,
    pub(super) context: Arc<ServerContext>,
    pub(super) stopped: watch::Receiver<bool>,
    /// Whether further requests may follow the first.
    pub(super) keep_alive: bool,
}

/// Why a connection is no longer served.
enum End {
    /// Either side closed it.
    Served(hyper::Result<()>),
    /// The server stops, and no request was in progress.
    Stopped,
    /// The client reset it.
    Reset,
    /// It was closed to make room for another one.
    ClosedForRoom,
    /// No request came in time.
    WaitedTooLong,
}

impl AcceptedConnection {
    /// Answers requests until either side closes, or until the connection is closed to make room.
    pub(super) async fn serve(self, stream: TcpStream, open: &OpenConnection) {
        let state = open.state();
        let (stream, socket) = ConnectionStream::new(stream, Arc::clone(state));
        let unread = Arc::new(AtomicBool::new(false));
        let answered = self.answer(stream, &socket, &unread, open);
        let ended = AssertUnwindSafe(answered).catch_unwind().await;
        let is_head_refused = match ended {
            Ok(end) => self.record(end, state),
            Err(panic) => {
                let (peer, error) = (self.connection.peer, one_line(panic_message(&*panic)));
                log_queue::emit(move || tracing::error!(?peer, error, "a connection ended early"));
                self.record_rejected("panic");
                false
            }
        };
        if is_head_refused || unread.load(Ordering::Relaxed) {
            state.discard();
            let drained = pin!(socket.drain(&self.context.limits));
            if let Either::Right(_) = select(drained, pin!(open.closed())).await {
                self.record_rejected("connection_limit");
            }
        }
    }

    async fn answer(
        &self,
        stream: ConnectionStream,
        socket: &ConnectionSocket,
        unread: &Arc<AtomicBool>,
        open: &OpenConnection,
    ) -> End {
        let limits = &self.context.limits;
        let state = open.state();
        let service = warp::service(self.filter.clone());
        let service = service_fn(|request: http::Request<Incoming>| {
            let is_open = state.begin_request();
            let request = request.map(|body| TrackedBody::new(body, Arc::clone(unread)));
            let reply = CarriedReply::new(Arc::clone(&self.context), self.connection, request);
            let reply = reply.through(service.clone().call(CarriedReply::empty_request()));
            async move {
                if !is_open {
                    // The connection was chosen to make room: the request must not begin.
                    std::future::pending::<()>().await;
                }
                let state = Arc::clone(state);
                reply
                    .await
                    .map(|reply| reply.map(|body| TrackedReply::new(body, state)))
            }
        });
        let mut http = http1::Builder::new();
        // `waited_for` is the timeout: hyper would set and clear a timer for each request.
        http.header_read_timeout(None)
            .half_close(true)
            .keep_alive(self.keep_alive)
            .max_headers(limits.max_headers.saturating_add(SPARE_HEADERS))
            .max_buf_size(READ_BUFFER_BYTES.max(limits.max_header_bytes + limits.max_uri_bytes));
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_timeout));
        let mut served = pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        let mut ends = self.ends(socket, open);
        loop {
            let end = match select(served.as_mut(), ends.next()).await {
                Either::Left((ended, _)) => return End::Served(ended),
                Either::Right((end, _)) => end,
            };
            match end {
                Some(End::Stopped) if !state.close_if_waiting() => {
                    served.as_mut().graceful_shutdown();
                }
                Some(end) => return end,
                None => return End::Served(served.await),
            }
        }
    }

    /// What may end the connection from outside. Each is only polled when it was woken: a request
    /// wakes none of them.
    fn ends<'a>(
        &'a self,
        socket: &'a ConnectionSocket,
        open: &'a OpenConnection,
    ) -> FuturesUnordered<BoxFuture<'a, End>> {
        let mut stopped = self.stopped.clone();
        let limit = self.context.limits.header_read_timeout;
        let ends = FuturesUnordered::new();
        ends.push(socket.reset().map(|()| End::Reset).boxed());
        ends.push(open.closed().map(|()| End::ClosedForRoom).boxed());
        let waited = open.state().waited_for(limit);
        ends.push(waited.map(|()| End::WaitedTooLong).boxed());
        let stop = async move {
            // The sender is dropped with the server.
            let _ = stopped.wait_for(|stop| *stop).await;
            End::Stopped
        };
        ends.push(stop.boxed());
        ends
    }

    /// Counts and logs the end; whether hyper refused a head.
    fn record(&self, end: End, state: &ConnectionState) -> bool {
        let peer = self.connection.peer;
        match end {
            End::Served(Err(error)) => {
                self.record_error(&error);
                return error.is_parse();
            }
            End::Served(Ok(())) | End::Stopped => {}
            End::Reset => {
                log_queue::emit(move || tracing::debug!(?peer, "the client reset the connection"));
            }
            End::ClosedForRoom => self.record_rejected("connection_limit"),
            End::WaitedTooLong if state.has_head_bytes() => self.record_rejected("head_timeout"),
            End::WaitedTooLong => self.record_rejected("idle_timeout"),
        }
        false
    }

    fn record_error(&self, error: &hyper::Error) {
        if tracing::enabled!(Level::DEBUG) {
            let (peer, error) = (self.connection.peer, one_line(error));
            log_queue::emit(move || tracing::debug!(?peer, error, "connection error"));
        }
        if let Some(reason) = rejection(error) {
            self.record_rejected(reason);
        }
    }

    fn record_rejected(&self, reason: &'static str) {
        self.context.metrics.record_rejected_connection(reason);
    }
}

/// The label of the metric; `None` if the client closed the connection.
fn rejection(error: &hyper::Error) -> Option<&'static str> {
    if error.is_parse_too_large() {
        Some("head_too_large")
    } else if error.is_parse() {
        Some("head_invalid")
    } else if is_write_timeout(error) {
        Some("write_timeout")
    } else {
        None
    }
}

/// Reads have no timeout of the stream.
fn is_write_timeout(error: &hyper::Error) -> bool {
    let source = error.source();
    let error = source.and_then(|source| source.downcast_ref::<io::Error>());
    error.is_some_and(|error| error.kind() == ErrorKind::TimedOut)
}
