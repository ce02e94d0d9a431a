//! The beginning of a connection over TLS.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::time::timeout;
use tracing::Level;

use super::accepted_connection::{AcceptedConnection, End};
use super::connection_stream::ConnectionSocket;
use super::connection_table::OpenConnection;
use super::refusal::plain_http_refusal;
use super::transport::{SocketIo, Transport};
use crate::listener::names_of;
use crate::log_queue;
use crate::text::one_line;

/// What a client has begun.
enum Begun {
    Tls(Transport, Option<CertificateDer<'static>>),
    /// A request without TLS.
    PlainHttp,
}

impl AcceptedConnection {
    /// The handshake, for which the client has as long as for the head of its first request, and then the
    /// requests.
    pub(super) async fn serve_tls(
        mut self,
        io: SocketIo,
        config: Arc<ServerConfig>,
        open: &OpenConnection,
    ) {
        let socket = ConnectionSocket::new(Arc::clone(io.socket()));
        let end = {
            let begun = pin!(begin(io, config));
            match select(begun, self.ends(socket.socket(), open).next()).await {
                Either::Left((begun, _)) => Ok(begun),
                Either::Right((end, _)) => Err(end),
            }
        };
        match end {
            Ok(Ok(Begun::Tls(transport, certificate))) => {
                drop(socket);
                let policy = &self.connection.listener.policy;
                let client = certificate.map(|own| policy.client_of(&names_of(&own)));
                self.connection.certificate = client.map(Arc::new);
                // Boxed, so that the future of a connection without TLS is not larger.
                Box::pin(self.serve_transport(transport, open)).await;
            }
            Ok(Ok(Begun::PlainHttp)) => {
                self.record_rejected("plain_http");
                let reply = plain_http_refusal();
                let write_timeout = self.context.limits.write_timeout;
                // A client that has ended is not answered.
                let _ = timeout(write_timeout, socket.socket().write_all(&reply)).await;
                self.end_sending(&socket, open).await;
            }
            Ok(Err(error)) => {
                if tracing::enabled!(Level::DEBUG) {
                    let (peer, error) = (self.connection.peer, one_line(error));
                    log_queue::emit(move || tracing::debug!(%peer, error, "TLS handshake failed"));
                }
                self.record_rejected("tls_handshake");
                // The client has been sent an alert, which a reset would take from it.
                self.end_sending(&socket, open).await;
            }
            Err(Some(End::WaitedTooLong(_))) => self.record_rejected("tls_handshake_timeout"),
            Err(Some(End::ClosedForRoom)) => self.record_rejected("connection_limit"),
            Err(_) => {}
        }
    }

    /// Ends what the server sends, and waits until the client has read it.
    async fn end_sending(&self, socket: &ConnectionSocket, open: &OpenConnection) {
        // A connection that was reset cannot be shut down.
        let _ = socket.socket().shut_down_sending();
        self.discard_rest(socket, open).await;
    }
}

async fn begin(mut io: SocketIo, config: Arc<ServerConfig>) -> io::Result<Begun> {
    // A method begins with a letter, a record of TLS with a byte below or above all letters.
    if io
        .first_byte()
        .await?
        .is_some_and(|byte| byte.is_ascii_alphabetic())
    {
        return Ok(Begun::PlainHttp);
    }
    let (transport, certificate) = Transport::accept_tls(io, config).await?;
    Ok(Begun::Tls(transport, certificate))
}
