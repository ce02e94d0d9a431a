//! A listener that is checked, with the endpoints that are there.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::description::{Listener, ListenerAddress};
use super::problems::parse_address;
#[cfg(feature = "tls")]
use super::tls::TlsOptions;
use crate::endpoint::Effect;
use crate::server_context::EndpointSet;

/// Where to listen, once that is checked.
#[derive(Clone, Debug)]
pub(crate) enum PlannedAddress {
    Tcp(SocketAddr),
    /// A path, and the mode if it is not the default.
    Unix(PathBuf, Option<u32>),
    #[cfg(feature = "systemd")]
    Systemd(String),
}

/// What a start opens, and what is permitted there.
#[derive(Clone, Debug)]
pub(crate) struct PlannedListener {
    pub(crate) address: PlannedAddress,
    pub(crate) max_effect: Effect,
    /// The endpoints that are there; `None` if they are all.
    pub(crate) only: Option<EndpointSet>,
    pub(crate) allowed_uids: Vec<u32>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<TlsOptions>,
}

impl PlannedListener {
    /// The names that client certificates may have, if there may be some.
    pub(crate) fn client_names(&self) -> Option<Vec<String>> {
        #[cfg(feature = "tls")]
        {
            let tls = self.tls.as_ref()?;
            tls.client_ca.as_ref()?;
            Some(tls.allowed_clients.clone())
        }
        #[cfg(not(feature = "tls"))]
        None
    }

    /// `None` if the address is one of the problems of the builder.
    pub(crate) fn new(listener: Listener, only: Option<EndpointSet>) -> Option<Self> {
        let Listener {
            address,
            max_effect,
            unix,
            #[cfg(feature = "tls")]
            tls,
            ..
        } = listener;
        let address = match address {
            ListenerAddress::Tcp(text) => PlannedAddress::Tcp(parse_address(&text).ok()?),
            ListenerAddress::Unix(path) => PlannedAddress::Unix(path, unix.mode),
            #[cfg(feature = "systemd")]
            ListenerAddress::Systemd(name) => PlannedAddress::Systemd(name),
        };
        Some(Self {
            address,
            max_effect,
            only,
            allowed_uids: unix.allowed_uids,
            #[cfg(feature = "tls")]
            tls,
        })
    }
}
