//! Where a request is sent.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::error::ClientError;

/// Where to connect, and how.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    Tcp {
        /// An IP address or a name.
        host: String,
        port: u16,
        tls: Option<TlsDestination>,
    },
    Unix(PathBuf),
}

/// Whose certificate is expected, and who has signed it.
#[derive(Clone, Debug)]
pub(crate) struct TlsDestination {
    pub(super) name: ServerName<'static>,
    pub(super) config: Arc<ClientConfig>,
}

impl Destination {
    /// An instance.
    pub(crate) fn instance(address: SocketAddr, tls: Option<&Arc<ClientConfig>>) -> Self {
        let tls = tls.map(|config| TlsDestination {
            name: ServerName::from(address.ip()),
            config: Arc::clone(config),
        });
        Self::Tcp {
            host: address.ip().to_string(),
            port: address.port(),
            tls,
        }
    }
}

impl TlsDestination {
    /// A host by its name or its IP address.
    pub(crate) fn new(host: &str, config: Arc<ClientConfig>) -> Result<Self, ClientError> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| ClientError::NoTlsSession(error.to_string()))?;
        Ok(Self { name, config })
    }
}
