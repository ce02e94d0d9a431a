//! The accept loops: one for each socket of a server.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, join_all, select};
use tokio::sync::watch;

use super::accept_warning::AcceptWarning;
use super::accepted_connection::AcceptedConnection;
use super::connection_table::ConnectionTable;
use super::descriptor_reserve::{DescriptorReserve, is_descriptor_error};
use super::server_socket::{AcceptedSocket, ServerSocket};
use crate::clock::Clock;
use crate::dispatch::Connection;
use crate::listener::SocketFile;
#[cfg(feature = "tls")]
use crate::listener::TlsConfig;
use crate::log_queue;
use crate::request::Peer;
use crate::server_context::{ServedListener, ServerContext};

/// What the accept loops of one server share.
pub(super) struct Accepting {
    pub(super) context: Arc<ServerContext>,
    pub(super) reserve: DescriptorReserve,
    pub(super) stopped: watch::Receiver<bool>,
}

/// One socket and its rules.
pub(super) struct Listening {
    pub(super) socket: ServerSocket,
    pub(super) listener: Arc<ServedListener>,
    /// Whether another process has it too, which listens on when this one stops.
    pub(super) is_inherited: bool,
    pub(super) file: Option<SocketFile>,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Arc<TlsConfig>>,
}

/// How long to wait when the system has no file descriptor or memory for a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Pauses without a descriptor before a connection is closed: a client may take a second to send the
/// head of its request.
const FAILURES_BEFORE_CLOSING: u32 = 10;

/// Accepts on all sockets until told to stop, then lets the requests in flight end, for a bounded time.
pub(super) async fn serve(sockets: Vec<Listening>, accepting: Accepting) {
    let limits = accepting.context.limits;
    let table = ConnectionTable::new(limits.max_connections);
    let shared = Arc::new(SharedByLoops {
        table: Arc::clone(&table),
        reserve: accepting.reserve,
    });
    let loops = sockets.into_iter().map(|listening| {
        let acceptor = Acceptor {
            socket: listening.socket,
            shared: Arc::clone(&shared),
            warning: AcceptWarning::new(Clock::system()),
            failures: 0,
        };
        let serving = Serving {
            context: Arc::clone(&accepting.context),
            listener: listening.listener,
            #[cfg(feature = "tls")]
            tls: listening.tls,
            stopped: accepting.stopped.clone(),
        };
        async move {
            let socket = serving.accept_until_stopped(acceptor).await;
            if !listening.is_inherited {
                shut_down(socket);
            }
            drop(listening.file);
        }
    });
    join_all(loops).await;
    if tokio::time::timeout(limits.graceful_shutdown_timeout, table.all_ended())
        .await
        .is_err()
    {
        log_queue::emit(|| tracing::warn!("the admin server stops with requests in flight"));
    }
}

/// Connections and descriptors of one server.
struct SharedByLoops {
    table: Arc<ConnectionTable>,
    reserve: DescriptorReserve,
}

/// What the connections of one socket are served with.
struct Serving {
    context: Arc<ServerContext>,
    listener: Arc<ServedListener>,
    #[cfg(feature = "tls")]
    tls: Option<Arc<TlsConfig>>,
    stopped: watch::Receiver<bool>,
}

impl Serving {
    /// Serves connections; returns the socket when the server stops.
    async fn accept_until_stopped(&self, mut acceptor: Acceptor) -> ServerSocket {
        let mut stopped = self.stopped.clone();
        loop {
            let next = {
                let next = pin!(async {
                    let accepted = acceptor.accept().await;
                    (accepted, acceptor.shared.table.place().await)
                });
                let stop = pin!(stopped.wait_for(|stop| *stop));
                match select(next, stop).await {
                    Either::Left((next, _)) => Some(next),
                    Either::Right(_) => None,
                }
            };
            let Some((accepted, open)) = next else {
                return acceptor.socket;
            };
            let connection = AcceptedConnection {
                connection: Connection {
                    peer: accepted.peer,
                    certificate: None,
                    listener: Arc::clone(&self.listener),
                },
                context: Arc::clone(&self.context),
                stopped: self.stopped.clone(),
                keep_alive: !accepted.is_reserved,
                #[cfg(feature = "tls")]
                tls: self.tls.as_ref().map(|tls| tls.current()),
            };
            let shared = Arc::clone(&acceptor.shared);
            tokio::spawn(async move {
                connection.serve(accepted.socket, &open).await;
                if accepted.is_reserved {
                    // At once: the program would take the descriptor.
                    shared.reserve.refill();
                }
                drop(open);
            });
        }
    }
}

/// A connection of a client.
struct Accepted {
    socket: AcceptedSocket,
    peer: Peer,
    /// Whether it has a descriptor of the reserve.
    is_reserved: bool,
}

/// Accepts connections, even while the program has used up its descriptors.
struct Acceptor {
    socket: ServerSocket,
    shared: Arc<SharedByLoops>,
    warning: AcceptWarning,
    /// Without a descriptor, since the last connection was accepted.
    failures: u32,
}

impl Acceptor {
    /// The next connection.
    async fn accept(&mut self) -> Accepted {
        loop {
            self.shared.reserve.refill();
            match self.socket.accept().await {
                Ok((socket, peer)) => {
                    return Accepted {
                        socket,
                        peer,
                        is_reserved: false,
                    };
                }
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
        let SharedByLoops { table, reserve } = &*self.shared;
        if reserve.release_one() {
            match self.socket.accept().now_or_never() {
                Some(Ok((socket, peer))) => {
                    self.warning.warn(error);
                    self.failures = 0;
                    if reserve.is_empty() {
                        table.close_longest_waiting();
                    }
                    return Some(Accepted {
                        socket,
                        peer,
                        is_reserved: true,
                    });
                }
                Some(Err(_)) => {}
                None => return None,
            }
        }
        self.warning.warn(error);
        self.failures += 1;
        if self.failures.is_multiple_of(FAILURES_BEFORE_CLOSING) {
            table.close_longest_waiting();
        }
        // Whoever ends has a descriptor; another part of the program may have closed one.
        let _ = tokio::time::timeout(EXHAUSTED_PAUSE, table.one_ended()).await;
        None
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
fn shut_down(socket: ServerSocket) {
    if let Ok(descriptor) = socket.into_descriptor() {
        // Only a stream has the function.
        let _ = std::net::TcpStream::from(descriptor).shutdown(Shutdown::Both);
    }
}
