//! Where a server listens, and what is permitted there.
//!
//! A [`Listener`] describes a socket; nothing is opened before the server starts.

mod description;
mod error;
#[cfg(feature = "systemd")]
mod inherited;
mod listening_socket;
mod open;
mod plan;
mod problems;
mod socket_file;
#[cfg(feature = "tls")]
mod tls;

pub use self::description::Listener;
pub use self::error::ListenError;
#[cfg(feature = "systemd")]
pub(crate) use self::inherited::unclaimed_names;
pub(crate) use self::listening_socket::ListeningSocket;
pub use self::open::OpenListener;
pub(crate) use self::open::{OpenedSocket, open};
#[cfg(feature = "systemd")]
pub(crate) use self::plan::PlannedAddress;
pub(crate) use self::plan::PlannedListener;
pub(crate) use self::problems::{parse_address, problems};
pub(crate) use self::socket_file::SocketFile;
#[cfg(feature = "tls")]
pub(crate) use self::tls::{TlsConfig, TlsFiles, TlsReload, names_of};
