//! The accept loop and its connections, with the timeouts that `warp::serve` lacks.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower_service::Service;

use crate::dispatch::Connection;
use crate::filter::{AdminFilter, Carried};
use crate::guard::Exposure;
use crate::limits::Limits;

/// What the accept loop needs.
pub(super) struct Listening {
    pub(super) listener: std::net::TcpListener,
    pub(super) filter: AdminFilter,
    pub(super) limits: Limits,
    pub(super) exposure: Exposure,
    pub(super) stopped: watch::Receiver<bool>,
}

/// Room for a request line and headers that are too long, so that the answer is ours.
const READ_BUFFER: usize = 256 << 10;

/// How long to wait when the system has no file descriptor or memory for a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Accepts until told to stop, then lets the requests in flight end, for a bounded time.
pub(super) async fn serve(listening: Listening) {
    let Listening {
        listener,
        filter,
        limits,
        exposure,
        mut stopped,
    } = listening;
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the admin server cannot listen");
            return;
        }
    };
    let room = Arc::new(Semaphore::new(limits.max_connections));
    loop {
        let accepted = {
            let accept = pin!(accept(&listener, &room));
            let stop = pin!(stopped.wait_for(|stop| *stop));
            match select(accept, stop).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => break,
            }
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                let connection = Connection {
                    peer: Some(peer),
                    exposure,
                };
                let served = serve_one(stream, connection, filter.clone(), limits, stopped.clone());
                tokio::spawn(async move {
                    served.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the admin server cannot accept a connection");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
    drop(listener);
    let all = u32::try_from(limits.max_connections).unwrap_or(u32::MAX);
    if tokio::time::timeout(limits.graceful_shutdown, room.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!("the admin server stops with requests in flight");
    }
}

/// The next connection and its place among those that may be open.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(room)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // Answers are small and whole: waiting to fill a packet only delays them.
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}

async fn serve_one(
    stream: TcpStream,
    connection: Connection,
    filter: AdminFilter,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    let service = warp::service(filter);
    let service =
        service_fn(move |request| service.clone().call(Carried::request(request, connection)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(READ_BUFFER.max(limits.max_header_bytes + limits.max_uri_bytes));
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_timeout));
    let mut served = pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
    let ended = {
        let stop = pin!(stopped.wait_for(|stop| *stop));
        match select(served.as_mut(), stop).await {
            Either::Left((ended, _)) => Some(ended),
            Either::Right(_) => None,
        }
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(peer = ?connection.peer, %error, "connection error");
    }
}
