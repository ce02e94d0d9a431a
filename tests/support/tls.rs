//! A client that speaks TLS.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A connection over TLS, which is made with the first byte that is written.
pub type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Connects to servers whose certificate is signed by one that it trusts.
#[derive(Clone, Debug)]
pub struct TlsClient(Arc<ClientConfig>);

impl TlsClient {
    /// A client that trusts a certificate, in PEM.
    ///
    /// # Panics
    ///
    /// If it is not a certificate.
    #[must_use]
    pub fn trusting(pem: &str) -> Self {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        roots.add(certificate).expect("a root");
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(Arc::new(config))
    }

    /// Speaks TLS with `localhost` over a connection.
    ///
    /// # Panics
    ///
    /// If the configuration does not permit a session.
    #[must_use]
    pub fn speak(&self, stream: TcpStream) -> TlsStream {
        let name = ServerName::try_from("localhost").expect("a name");
        let session = ClientConnection::new(Arc::clone(&self.0), name).expect("a session");
        StreamOwned::new(session, stream)
    }

    /// Connects and speaks TLS with `localhost`.
    ///
    /// # Errors
    ///
    /// If the server does not accept.
    pub fn connect(&self, address: SocketAddr) -> io::Result<TlsStream> {
        Ok(self.speak(TcpStream::connect(address)?))
    }
}
