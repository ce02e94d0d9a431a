//! The accept loop.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use super::accept_warning::AcceptWarning;
use super::accepted_connection::AcceptedConnection;
use super::connection_table::ConnectionTable;
use super::descriptor_reserve::{DescriptorReserve, is_descriptor_error};
use crate::clock::Clock;
use crate::dispatch::Connection;
use crate::filter::AdminFilter;
use crate::guard::Exposure;
use crate::log_queue;
use crate::server_context::ServerContext;

/// What the accept loop needs beside its socket.
pub(super) struct Listening {
    pub(super) filter: AdminFilter,
    pub(super) context: Arc<ServerContext>,
    pub(super) exposure: Exposure,
    pub(super) reserve: DescriptorReserve,
    pub(super) stopped: watch::Receiver<bool>,
}

/// How long to wait when the system has no file descriptor or memory for a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Connections that wait in the kernel to be accepted.
const BACKLOG: u32 = 1024;

/// What the kernel keeps for a client that does not read, beyond what the client's own kernel takes;
/// a write goes on when half of it is sent.
const MAX_UNSENT_BYTES: u32 = 128 << 10;

/// Pauses without a descriptor before a connection is closed: a client may take a second to send the
/// head of its request.
const FAILURES_BEFORE_CLOSING: u32 = 10;

/// Accepts until told to stop, then lets the requests in flight end, for a bounded time.
pub(super) async fn serve(listener: TcpListener, listening: Listening) {
    let Listening {
        filter,
        context,
        exposure,
        reserve,
        mut stopped,
    } = listening;
    let limits = context.limits;
    let table = ConnectionTable::new(limits.max_connections);
    let mut acceptor = Acceptor {
        listener,
        reserve: Arc::new(reserve),
        table: Arc::clone(&table),
        warning: AcceptWarning::new(Clock::system()),
        failures: 0,
    };
    loop {
        let next = {
            let next = pin!(async {
                let accepted = acceptor.accept().await;
                (accepted, table.place().await)
            });
            let stop = pin!(stopped.wait_for(|stop| *stop));
            match select(next, stop).await {
                Either::Left((next, _)) => next,
                Either::Right(_) => break,
            }
        };
        let (accepted, open) = next;
        let connection = AcceptedConnection {
            connection: Connection {
                peer: Some(accepted.peer),
                exposure,
            },
            filter: filter.clone(),
            context: Arc::clone(&context),
            stopped: stopped.clone(),
            keep_alive: !accepted.is_reserved,
        };
        let reserve = Arc::clone(&acceptor.reserve);
        tokio::spawn(async move {
            connection.serve(accepted.stream, &open).await;
            if accepted.is_reserved {
                // At once: the program would take the descriptor.
                reserve.refill();
            }
            drop(open);
        });
    }
    shut_down(acceptor.listener);
    if tokio::time::timeout(limits.graceful_shutdown_timeout, table.all_ended())
        .await
        .is_err()
    {
        log_queue::emit(|| tracing::warn!("the admin server stops with requests in flight"));
    }
}

/// Lets more connections wait in the kernel than the standard library does: those of a burst that do
/// not fit are repeated by their clients after a second. Called inside the server's own runtime.
pub(super) fn listen(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    // Its connections inherit it. A kernel without it only notices pauses later.
    let _ = SockRef::from(&listener).set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
    TcpSocket::from_std_stream(stream_from(listener)).listen(BACKLOG)
}

/// `TcpSocket` and `shutdown` take a socket only as a stream.
fn stream_from(listener: std::net::TcpListener) -> std::net::TcpStream {
    std::net::TcpStream::from(OwnedFd::from(listener))
}

/// A connection of a client.
struct Accepted {
    stream: TcpStream,
    peer: SocketAddr,
    /// Whether it has a descriptor of the reserve.
    is_reserved: bool,
}

/// Accepts connections, even while the program has used up its descriptors.
struct Acceptor {
    listener: TcpListener,
    reserve: Arc<DescriptorReserve>,
    table: Arc<ConnectionTable>,
    warning: AcceptWarning,
    /// Without a descriptor, since the last connection was accepted.
    failures: u32,
}

impl Acceptor {
    /// The next connection.
    async fn accept(&mut self) -> Accepted {
        loop {
            self.reserve.refill();
            match self.listener.accept().await {
                Ok((stream, peer)) => return accepted(stream, peer, false),
                Err(error) if is_descriptor_error(&error) => {
                    if let Some(accepted) = self.accept_without_descriptor(&error).await {
                        return accepted;
                    }
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    self.warning.warn(&error);
                    tokio::time::sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
    }

    /// Accepts with a descriptor of the reserve. The error also comes while no client connects, and
    /// without a reserve nothing tells the two apart: so the last one is replaced by that of the
    /// connection that has waited longest for a request.
    async fn accept_without_descriptor(&mut self, error: &io::Error) -> Option<Accepted> {
        if self.reserve.release_one() {
            match self.listener.accept().now_or_never() {
                Some(Ok((stream, peer))) => {
                    self.warning.warn(error);
                    self.failures = 0;
                    if self.reserve.is_empty() {
                        self.table.close_longest_waiting();
                    }
                    return Some(accepted(stream, peer, true));
                }
                Some(Err(_)) => {}
                None => return None,
            }
        }
        self.warning.warn(error);
        self.failures += 1;
        if self.failures.is_multiple_of(FAILURES_BEFORE_CLOSING) {
            self.table.close_longest_waiting();
        }
        // Whoever ends has a descriptor; another part of the program may have closed one.
        let _ = tokio::time::timeout(EXHAUSTED_PAUSE, self.table.one_ended()).await;
        None
    }
}

fn accepted(stream: TcpStream, peer: SocketAddr, is_reserved: bool) -> Accepted {
    // Answers are small and whole: waiting to fill a packet only delays them. Where the connection
    // has ended already, its first read says so.
    let _ = stream.set_nodelay(true);
    Accepted {
        stream,
        peer,
        is_reserved,
    }
}

/// Whether only the connection that was to be accepted is concerned.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

/// Closes the socket in every process that has it: a child that was forked would keep the port.
fn shut_down(listener: TcpListener) {
    if let Ok(listener) = listener.into_std() {
        let _ = stream_from(listener).shutdown(Shutdown::Both);
    }
}
