//! Connections to the three listeners.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use admin_tests::{Program, TlsClient, TlsStream};
use rustix::net::sockopt::set_socket_linger;

/// A server that is silent for so long hangs.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Which listener a client uses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    Tcp,
    Tls,
    Unix,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Tcp, Self::Tls, Self::Unix];
}

/// Where the program listens.
pub(super) struct Listeners {
    tcp: SocketAddr,
    tls: SocketAddr,
    unix: PathBuf,
    client: TlsClient,
}

pub(super) enum Connection {
    Tcp(TcpStream),
    Tls(Box<TlsStream>),
    Unix(UnixStream),
}

impl Listeners {
    /// What the program prints.
    pub(super) fn read(program: &mut Program) -> Self {
        let (tcp, tls) = (program.address(), program.address());
        let folder = PathBuf::from(program.line());
        let certificate = fs::read_to_string(folder.join("tls.crt")).unwrap();
        Self {
            tcp,
            tls,
            unix: folder.join("admin.sock"),
            client: TlsClient::trusting(&certificate),
        }
    }

    pub(super) fn connect(&self, way: Way) -> io::Result<Connection> {
        let over_tcp = |address| {
            let stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(READ_TIMEOUT))?;
            Ok::<_, io::Error>(stream)
        };
        Ok(match way {
            Way::Tcp => Connection::Tcp(over_tcp(self.tcp)?),
            Way::Tls => Connection::Tls(Box::new(self.client.speak(over_tcp(self.tls)?))),
            Way::Unix => {
                let stream = UnixStream::connect(&self.unix)?;
                stream.set_read_timeout(Some(READ_TIMEOUT))?;
                Connection::Unix(stream)
            }
        })
    }
}

impl Connection {
    /// Ends it without the end of a conversation: a reset over TCP.
    pub(super) fn reset(self) {
        if let Self::Tcp(stream) = &self {
            set_socket_linger(stream, Some(Duration::ZERO)).unwrap();
        } else if let Self::Tls(stream) = &self {
            set_socket_linger(stream.get_ref(), Some(Duration::ZERO)).unwrap();
        }
    }

    pub(super) fn end_sending(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Self::Tls(stream) => stream.get_ref().shutdown(Shutdown::Write),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
            Self::Unix(stream) => stream.flush(),
        }
    }
}
