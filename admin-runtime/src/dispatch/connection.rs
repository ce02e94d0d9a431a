//! Where a request comes from.

use std::net::SocketAddr;

use crate::guard::Exposure;

/// What is known of the connection of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// `None` where the server is mounted in an application, or called in process.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) exposure: Exposure,
}
