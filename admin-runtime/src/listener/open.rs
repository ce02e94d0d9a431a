//! Opening the sockets of listeners.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use socket2::{Domain, Socket, Type};

use super::error::ListenError;
use super::listening_socket::ListeningSocket;
use super::plan::PlannedAddress;
use super::socket_file::{SocketFile, SocketFileError};
use crate::guard::Exposure;

/// The mode of a Unix socket unless the listener has another.
const DEFAULT_MODE: u32 = 0o600;

/// That of the standard library; a server raises it when it begins to accept.
const BACKLOG: i32 = 128;

/// A socket of a listener: there may be several if systemd has passed them.
#[derive(Debug)]
pub(crate) struct OpenedSocket {
    pub(crate) socket: ListeningSocket,
    /// What it is called, in the log too.
    pub(crate) public: OpenListener,
    pub(crate) exposure: Exposure,
    /// Whether another process has it too, which listens on when this one stops.
    pub(crate) is_inherited: bool,
    pub(crate) file: Option<SocketFile>,
}

/// A socket that a running server listens on.
///
/// ```standalone_crate
/// use admin_runtime::listener::{Listener, OpenListener};
/// use admin_runtime::{AdminServer, admin_endpoint};
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("open-{}.sock", std::process::id()));
/// let admin = AdminServer::builder()
///     .listen(Listener::tcp("127.0.0.1:0"))
///     .listen(Listener::unix(&path))
///     .start()?;
/// let [tcp, unix]: &[OpenListener] = admin.listeners() else { unreachable!() };
/// assert_eq!(tcp.local_addr(), Some(admin.local_addr()));
/// assert_eq!((unix.name(), unix.path()), (path.to_str().unwrap(), Some(&*path)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OpenListener {
    name: String,
    address: Option<SocketAddr>,
    path: Option<PathBuf>,
}

impl OpenListener {
    /// As the log and messages name it: the address, the path, or the name of systemd.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of a TCP socket, with the port that the kernel chose for 0.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The file of a Unix socket.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// Opens the sockets of one listener.
///
/// # Errors
///
/// Why it cannot listen.
pub(crate) fn open(
    address: &PlannedAddress,
    is_ipv6_only: bool,
) -> Result<Vec<OpenedSocket>, ListenError> {
    match address {
        PlannedAddress::Tcp(address) => open_tcp(*address, is_ipv6_only).map(|opened| vec![opened]),
        PlannedAddress::Unix(path, mode) => {
            open_unix(path, mode.unwrap_or(DEFAULT_MODE)).map(|opened| vec![opened])
        }
        #[cfg(feature = "systemd")]
        PlannedAddress::Systemd(name) => open_inherited(name),
    }
}

fn open_tcp(address: SocketAddr, is_ipv6_only: bool) -> Result<OpenedSocket, ListenError> {
    let bound = bind_tcp(address, is_ipv6_only).and_then(|listener| {
        listener.set_nonblocking(true)?;
        OpenedSocket::new(ListeningSocket::Tcp(listener))
    });
    bound.map_err(|error| {
        let advice = "choose another address with bind(..), port 0 takes a free one";
        ListenError::from_io(address.to_string(), error, advice)
    })
}

fn bind_tcp(address: SocketAddr, is_ipv6_only: bool) -> io::Result<TcpListener> {
    if !is_ipv6_only {
        return TcpListener::bind(address);
    }
    // As the standard library does, with one option more, which must be set before.
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None)?;
    socket.set_only_v6(true)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn open_unix(path: &Path, mode: u32) -> Result<OpenedSocket, ListenError> {
    let name = path.display().to_string();
    let advice = "choose another path, in a folder that the program may write to";
    let opened = SocketFile::bind(path, mode).and_then(|(listener, file)| {
        let opened = OpenedSocket::new(ListeningSocket::Unix(listener))?;
        Ok(OpenedSocket {
            file: Some(file),
            ..opened
        })
    });
    opened.map_err(|error| match error {
        SocketFileError::Served => ListenError::new(name, "another server listens there", advice),
        SocketFileError::NotASocket => {
            ListenError::new(name, "a file that is not a socket is there", advice)
        }
        SocketFileError::Io(error) => ListenError::from_io(name, error, advice),
    })
}

#[cfg(feature = "systemd")]
fn open_inherited(name: &str) -> Result<Vec<OpenedSocket>, ListenError> {
    let advice = "see ListenStream= and FileDescriptorName= of the socket unit";
    let sockets = super::inherited::inherited(name)
        .map_err(|reason| ListenError::new(name, reason, advice))?;
    let sockets = sockets.into_iter().map(|socket| {
        let mut opened = OpenedSocket::new(socket)?;
        opened.is_inherited = true;
        opened.public.name = name.to_owned();
        Ok(opened)
    });
    let sockets: io::Result<_> = sockets.collect();
    sockets.map_err(|error| ListenError::from_io(name, error, advice))
}

impl OpenedSocket {
    fn new(socket: ListeningSocket) -> io::Result<Self> {
        let (address, path, exposure) = match &socket {
            ListeningSocket::Tcp(listener) => {
                let address = listener.local_addr()?;
                let exposure = if address.ip().to_canonical().is_loopback() {
                    Exposure::Loopback
                } else {
                    Exposure::Network
                };
                (Some(address), None, exposure)
            }
            ListeningSocket::Unix(listener) => {
                let address = listener.local_addr()?;
                let path = address.as_pathname().map(Path::to_owned);
                (None, path, Exposure::UnixSocket)
            }
        };
        let path_name = || path.as_ref().map(|path| path.display().to_string());
        let name = address.map(|address| address.to_string());
        let name = name.or_else(path_name).unwrap_or_default();
        Ok(Self {
            socket,
            public: OpenListener {
                name,
                address,
                path,
            },
            exposure,
            is_inherited: false,
            file: None,
        })
    }
}
