//! The accept loop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::accepted_connection::AcceptedConnection;
use crate::dispatch::Connection;
use crate::filter::AdminFilter;
use crate::guard::Exposure;
use crate::log_queue;
use crate::server_context::ServerContext;

/// What the accept loop needs.
pub(super) struct Listening {
    pub(super) listener: std::net::TcpListener,
    pub(super) filter: AdminFilter,
    pub(super) context: Arc<ServerContext>,
    pub(super) exposure: Exposure,
    pub(super) stopped: watch::Receiver<bool>,
}

/// How long to wait when the system has no file descriptor or memory for a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Accepts until told to stop, then lets the requests in flight end, for a bounded time.
pub(super) async fn serve(listening: Listening) {
    let Listening {
        listener,
        filter,
        context,
        exposure,
        mut stopped,
    } = listening;
    let limits = context.limits;
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            log_queue::emit(move || tracing::error!(%error, "the admin server cannot listen"));
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
                let accepted = AcceptedConnection {
                    connection,
                    filter: filter.clone(),
                    context: Arc::clone(&context),
                    stopped: stopped.clone(),
                };
                let served = accepted.serve(stream);
                tokio::spawn(async move {
                    served.await;
                    drop(permit);
                });
            }
            Err(error) => {
                log_queue::emit(move || {
                    tracing::warn!(%error, "the admin server cannot accept a connection");
                });
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
        log_queue::emit(|| tracing::warn!("the admin server stops with requests in flight"));
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
