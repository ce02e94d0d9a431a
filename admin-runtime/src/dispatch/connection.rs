//! Where a request comes from.

use std::sync::Arc;

use http::HeaderMap;

use crate::guard::{Exposure, Identity};
use crate::request::Peer;
use crate::server_context::ServedListener;

/// What is known of the connection of a request.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    pub(crate) listener: Arc<ServedListener>,
}

impl Connection {
    /// That of requests that come over no socket of the server.
    pub(crate) fn without_socket(exposure: Exposure) -> Self {
        Self {
            peer: Peer::Unknown,
            listener: ServedListener::without_socket(exposure),
        }
    }

    /// The caller that the connection itself proves.
    pub(crate) fn identity(&self, headers: &HeaderMap) -> Option<Identity> {
        self.listener.policy.identity_of(self.peer, headers)
    }

    pub(crate) fn exposure(&self) -> Exposure {
        self.listener.policy.exposure
    }
}
