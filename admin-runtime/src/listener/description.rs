//! The description of a listener.

use std::fmt::Display;
use std::path::PathBuf;

#[cfg(feature = "tls")]
use super::tls::TlsOptions;
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
    #[cfg(feature = "tls")]
    pub(super) tls: Option<TlsOptions>,
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
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// A TCP socket: an IP address and a port, or `localhost:PORT`. Port 0 lets the kernel choose.
    ///
    /// `[::]:7000` receives connections over IPv4 too, as the system permits, unless another listener of this
    /// server has an IPv4 address and the same port, such as `0.0.0.0:7000`: then it is for IPv6 alone.
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

    /// Speaks TLS 1.2 and 1.3 with this certificate (with its chain) and key, files in PEM.
    ///
    /// They are read at the start and compared every 10 s: new content replaces the old as a whole, for new
    /// connections; content that cannot be used is logged, counted in
    /// `admin_credentials_reload_failures_total`, and leaves the old one in use. A certificate that has ended is
    /// served nevertheless, with a warning in the log; the metric `admin_tls_not_after_seconds` says when it ends.
    ///
    /// ```
    /// use admin_runtime::listener::Listener;
    ///
    /// let listener = Listener::tcp("0.0.0.0:7443").tls("/etc/tls/tls.crt", "/etc/tls/tls.key");
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        let tls = self.tls.get_or_insert_default();
        tls.certificates = certificate.into();
        tls.key = key.into();
        self
    }

    /// Accepts client certificates that one of these certificates, a file in PEM, has signed; they are
    /// credentials, and the name in them is the caller.
    ///
    /// A client without one cannot connect, unless the server has tokens, authenticators or public endpoints:
    /// then its requests need credentials. The file is compared as those of [`tls`](Self::tls).
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::listener::Listener;
    ///
    /// let listener = Listener::tcp("0.0.0.0:7443").client_ca("/etc/tls/ca.crt");
    /// let error = AdminServer::builder().listen(listener).build().unwrap_err();
    /// let text = error.problems()[0].to_string();
    /// assert!(text.ends_with("client_ca(..): a client certificate needs TLS: add tls(..)"), "{text}");
    /// ```
    #[cfg(feature = "tls")]
    pub fn client_ca(mut self, certificates: impl Into<PathBuf>) -> Self {
        self.tls.get_or_insert_default().client_ca = Some(certificates.into());
        self
    }

    /// Accepts only client certificates with one of these names, as the common name or an alternative name (DNS,
    /// e-mail, URI); the requests of others are answered with 401.
    ///
    /// ```
    /// use admin_runtime::listener::Listener;
    ///
    /// let listener = Listener::tcp("0.0.0.0:7443")
    ///     .tls("/etc/tls/tls.crt", "/etc/tls/tls.key")
    ///     .client_ca("/etc/tls/ca.crt")
    ///     .allow_clients(["prometheus", "spiffe://cluster/ns/ops/sa/deploy"]);
    /// ```
    #[cfg(feature = "tls")]
    pub fn allow_clients<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(Into::into);
        self.tls
            .get_or_insert_default()
            .allowed_clients
            .extend(names);
        self
    }

    /// What `only(..)` was given.
    pub(crate) fn patterns(&self) -> Option<&[String]> {
        self.only.as_deref()
    }
}
