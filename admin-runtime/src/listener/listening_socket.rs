//! A socket that listens, of either family.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;

/// A socket that accepts without blocking.
#[derive(Debug)]
pub(crate) enum ListeningSocket {
    Tcp(TcpListener),
    Unix(UnixListener),
}
