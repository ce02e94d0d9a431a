//! One accepted connection, with the timeouts that `warp::serve` lacks.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
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

impl AcceptedConnection {
    /// Answers requests until either side closes, or until the connection is closed to make room.
    pub(super) async fn serve(self, stream: TcpStream, open: &OpenConnection) {
        let served = pin!(self.answer_and_drain(stream, open.state()));
        if let Either::Right(_) = select(served, pin!(open.closed())).await {
            self.record_rejected("connection_limit");
        }
    }

    async fn answer_and_drain(&self, stream: TcpStream, state: &Arc<ConnectionState>) {
        let (stream, socket) = ConnectionStream::new(stream, Arc::clone(state));
        let unread = Arc::new(AtomicBool::new(false));
        let ended = self
            .answer_until_reset(stream, &socket, &unread, state)
            .await;
        if let Err(error) = &ended {
            self.record_error(error, state);
        }
        let is_head_refused = ended.is_err_and(|error| error.is_parse());
        let is_body_unread = unread.load(Ordering::Relaxed);
        if is_head_refused || is_body_unread {
            state.discard();
            socket.drain(&self.context.limits).await;
        }
    }

    /// A panic of a dependency and a reset end the connection without an error.
    async fn answer_until_reset(
        &self,
        stream: ConnectionStream,
        socket: &ConnectionSocket,
        unread: &Arc<AtomicBool>,
        state: &Arc<ConnectionState>,
    ) -> hyper::Result<()> {
        let answered = AssertUnwindSafe(self.answer(stream, unread, state)).catch_unwind();
        match select(pin!(answered), pin!(socket.reset())).await {
            Either::Left((Ok(ended), _)) => ended,
            Either::Left((Err(panic), _)) => {
                let (peer, error) = (self.connection.peer, one_line(panic_message(&*panic)));
                log_queue::emit(move || tracing::error!(?peer, error, "a connection ended early"));
                self.record_rejected("panic");
                Ok(())
            }
            Either::Right(_) => {
                let peer = self.connection.peer;
                log_queue::emit(move || tracing::debug!(?peer, "the client reset the connection"));
                Ok(())
            }
        }
    }

    async fn answer(
        &self,
        stream: ConnectionStream,
        unread: &Arc<AtomicBool>,
        state: &Arc<ConnectionState>,
    ) -> hyper::Result<()> {
        let limits = &self.context.limits;
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
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.header_read_timeout)
            .half_close(true)
            .keep_alive(self.keep_alive)
            .max_headers(limits.max_headers.saturating_add(SPARE_HEADERS))
            .max_buf_size(READ_BUFFER_BYTES.max(limits.max_header_bytes + limits.max_uri_bytes));
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_timeout));
        let mut served = pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        let mut stopped = self.stopped.clone();
        let stop = pin!(stopped.wait_for(|stop| *stop));
        if let Either::Left((ended, _)) = select(served.as_mut(), stop).await {
            return ended;
        }
        if state.close_if_waiting() {
            return Ok(());
        }
        served.as_mut().graceful_shutdown();
        served.await
    }

    fn record_error(&self, error: &hyper::Error, state: &ConnectionState) {
        if tracing::enabled!(Level::DEBUG) {
            let (peer, error) = (self.connection.peer, one_line(error));
            log_queue::emit(move || tracing::debug!(?peer, error, "connection error"));
        }
        if let Some(reason) = rejection(error, state) {
            self.record_rejected(reason);
        }
    }

    fn record_rejected(&self, reason: &'static str) {
        self.context.metrics.record_rejected_connection(reason);
    }
}

/// The label of the metric; `None` if the client closed the connection.
fn rejection(error: &hyper::Error, state: &ConnectionState) -> Option<&'static str> {
    if error.is_parse_too_large() {
        Some("head_too_large")
    } else if error.is_parse() {
        Some("head_invalid")
    } else if error.is_timeout() && state.has_head_bytes() {
        Some("head_timeout")
    } else if error.is_timeout() {
        Some("idle_timeout")
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
