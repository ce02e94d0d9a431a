//! Where a request comes from.

use std::sync::Arc;

use http::HeaderMap;

use crate::guard::{ClientCertificate, Exposure, Identity};
use crate::request::Peer;
use crate::server_context::ServedListener;

/// What is known of the connection of a request.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    pub(crate) listener: Arc<ServedListener>,
    /// That of the client, if it has sent one.
    pub(crate) certificate: Option<Arc<ClientCertificate>>,
}

impl Connection {
    /// That of requests that come over no socket of the server.
    pub(crate) fn without_socket(exposure: Exposure) -> Self {
        Self {
            peer: Peer::Unknown,
            certificate: None,
            listener: ServedListener::without_socket(exposure),
        }
    }

    /// The caller that the connection itself proves.
    pub(crate) fn identity(&self, headers: &HeaderMap) -> Option<Identity> {
        match self.certificate.as_deref() {
            Some(ClientCertificate::Accepted(name)) => Some(Identity::new(name)),
            _ => self.listener.policy.identity_of(self.peer, headers),
        }
    }

    /// The name in a certificate that is not accepted.
    pub(crate) fn refused_client(&self) -> Option<&str> {
        match self.certificate.as_deref()? {
            ClientCertificate::Refused(name) => Some(name),
            ClientCertificate::Accepted(_) => None,
        }
    }

    pub(crate) fn exposure(&self) -> Exposure {
        self.listener.policy.exposure
    }
}
