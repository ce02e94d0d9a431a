//! A listener that is checked, with the endpoints that are there.

use std::net::{Ipv6Addr, SocketAddr};
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
    /// Whether this is `[::]` beside an IPv4 address of the same port among these listeners: the kernel
    /// permits both only if the former does not receive connections over IPv4.
    pub(crate) fn is_ipv6_beside_ipv4(&self, listeners: &[Self]) -> bool {
        let PlannedAddress::Tcp(own) = self.address else {
            return false;
        };
        let is_ipv4_of_port = |listener: &Self| matches!(listener.address, PlannedAddress::Tcp(other) if other.is_ipv4() && other.port() == own.port());
        own.port() != 0
            && own.ip() == Ipv6Addr::UNSPECIFIED
            && listeners.iter().any(is_ipv4_of_port)
    }

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
