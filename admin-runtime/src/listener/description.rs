//! The description of a listener.

use std::fmt::Display;
use std::path::PathBuf;

use crate::endpoint::Effect;

/// A socket to listen on, and what is permitted there: for [`Builder::listen`](crate::Builder::listen).
///
/// ```standalone_crate
/// use admin_runtime::describe::Effect;
/// use admin_runtime::listener::Listener;
/// use admin_runtime::{AdminServer, admin_endpoint};
/// # use std::io::{Read, Write};
/// # use std::os::unix::net::UnixStream;
///
/// #[admin_endpoint(path = "/jobs")]
/// fn jobs() -> &'static str {
///     "3"
/// }
///
/// #[admin_endpoint(method = "POST", path = "/jobs")]
/// fn set_jobs() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("listener-{}.sock", std::process::id()));
/// let admin = AdminServer::builder()
///     // For a scraper: reads of one path, from anywhere.
///     .listen(Listener::tcp("0.0.0.0:0").only(["/jobs"]).max_effect(Effect::Read))
///     // For people: everything, for this user and root.
///     .listen(Listener::unix(&path))
///     .start()?;
/// # let ask = |request: &str| -> std::io::Result<String> {
/// #     let mut socket = UnixStream::connect(&path)?;
/// #     socket.write_all(format!("{request} HTTP/1.1\r\nConnection: close\r\n\r\n").as_bytes())?;
/// #     let mut reply = String::new();
/// #     socket.read_to_string(&mut reply)?;
/// #     Ok(reply)
/// # };
/// assert!(ask("POST /jobs")?.starts_with("HTTP/1.1 204"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a listener does nothing until the builder has it: .listen(..)"]
pub struct Listener {
    pub(super) address: ListenerAddress,
    pub(super) max_effect: Effect,
    pub(super) only: Option<Vec<String>>,
    pub(super) unix: UnixOptions,
}

/// Where to listen, as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ListenerAddress {
    Tcp(String),
    Unix(PathBuf),
    #[cfg(feature = "systemd")]
    Systemd(String),
}

/// What only Unix sockets have.
#[derive(Clone, Debug, Default)]
pub(super) struct UnixOptions {
    /// `None` for the default.
    pub(super) mode: Option<u32>,
    pub(super) allowed_uids: Vec<u32>,
}

impl Listener {
    fn new(address: ListenerAddress) -> Self {
        Self {
            address,
            max_effect: Effect::Dangerous,
            only: None,
            unix: UnixOptions::default(),
        }
    }

    /// A TCP socket: an IP address and a port, or `localhost:PORT`. Port 0 lets the kernel choose.
    ///
    /// Beyond loopback only reads are answered until there are credentials.
    pub fn tcp(address: impl Display) -> Self {
        Self::new(ListenerAddress::Tcp(address.to_string()))
    }

    /// A Unix socket, a file of mode 0600.
    ///
    /// The user of the server and root may do everything, other users only read; the kernel says who
    /// connects. With tokens or authenticators those other users need credentials. `Host` is not checked. A
    /// request with a header of a proxy, such as `X-Forwarded-For`, counts as one of another user.
    ///
    /// A file that a server has left behind is replaced; a socket that is served, and a file that is not a
    /// socket, is an error of the start. The file is removed when the server stops.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self::new(ListenerAddress::Unix(path.into()))
    }

    /// The sockets of this name that systemd has passed: `FileDescriptorName=` of the socket unit, which
    /// is the unit's own name if it has none.
    ///
    /// TCP and Unix sockets that systemd listens on (`Accept=no`); the rules are those of [`tcp`](Self::tcp)
    /// and [`unix`](Self::unix), but the mode of a Unix socket is that of the unit, and nothing is removed
    /// at the end. The variables `LISTEN_*` of the environment stay as they are.
    ///
    /// ```
    /// use admin_runtime::listener::Listener;
    ///
    /// let listener = Listener::systemd("admin");
    /// ```
    #[cfg(feature = "systemd")]
    pub fn systemd(name: impl Into<String>) -> Self {
        Self::new(ListenerAddress::Systemd(name.into()))
    }

    /// The highest effect that this listener permits, whoever asks: 403 beyond. Default: no ceiling.
    pub fn max_effect(mut self, effect: Effect) -> Self {
        self.max_effect = effect;
        self
    }

    /// Leaves everything else out: paths as declared (`/metrics`), a method and a path (`GET /loglevel`),
    /// or all below a prefix (`/readyz*`). Any other path is 404, and the index does not show it. A
    /// pattern that fits nothing is an error of `build()`.
    pub fn only<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.only.get_or_insert_default().extend(patterns);
        self
    }

    /// The mode of a Unix socket, such as 0o660 so that the group may connect. Default 0o600.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::listener::Listener;
    ///
    /// let listener = Listener::unix("/run/app/admin.sock").mode(0o66);
    /// let error = AdminServer::builder().listen(listener).build().unwrap_err();
    /// let text = error.problems()[0].to_string();
    /// assert!(text.ends_with("mode(0o66): expected 0o600 to 0o777, such as 0o660"), "{text}");
    /// ```
    pub fn mode(mut self, mode: u32) -> Self {
        self.unix.mode = Some(mode);
        self
    }

    /// Users who may do everything over a Unix socket, as the user of the server and root may. The mode of
    /// the file must let them connect.
    ///
    /// ```
    /// use admin_runtime::listener::Listener;
    ///
    /// let listener = Listener::unix("/run/app/admin.sock").mode(0o660).allow_uids([1000]);
    /// ```
    pub fn allow_uids(mut self, uids: impl IntoIterator<Item = u32>) -> Self {
        self.unix.allowed_uids.extend(uids);
        self
    }

    /// What `only(..)` was given.
    pub(crate) fn patterns(&self) -> Option<&[String]> {
        self.only.as_deref()
    }
}
