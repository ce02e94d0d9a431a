//! A server that is assembled and does nothing yet.

use std::sync::{Arc, Mutex};

use super::token_file::TokenFile;
use super::{RunningServer, StartError, TestClient, running};
use crate::dispatch::Connection;
use crate::endpoint::Method;
use crate::filter::{AdminFilter, Scope, filter};
use crate::guard::Exposure;
use crate::health::HealthChecks;
use crate::listener::PlannedListener;
use crate::periodic::PeriodicThreads;
use crate::registry::Registry;
use crate::server_context::ServerContext;
use crate::service::AdminService;

/// An assembled server: everything that is linked, checked, with its state. It has no socket and
/// no thread until it is started.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::describe::Method;
/// use admin_runtime::health::CheckKind;
///
/// /// Say hello.
/// #[admin_endpoint(path = "/hello/{name}")]
/// async fn hello(name: String) -> String {
///     format!("hello, {name}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().bind("127.0.0.1:0").build()?;
/// assert_eq!(server.registry().endpoints()[1].path(), "/hello/{name}"); // `/` is before it
/// assert!(server.periodic_threads().all().is_empty());
/// assert!(server.health_checks().is_healthy(CheckKind::Live));
/// assert_eq!(server.test_client().get("/hello/you").await.text(), "hello, you");
///
/// let own = server.filter(); // to mount: rejects what is not there
/// let all = server.filter_or_404(); // answers that with 404
/// let one = server.endpoint_filter(Method::Get, "/hello/{name}"); // only this
/// let service = server.service(); // for axum and hyper
/// assert!(one.is_some() && server.endpoint_filter(Method::Post, "/hello/{name}").is_none());
///
/// let admin = server.start()?;
/// println!("curl http://{}/hello/you", admin.local_addr());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an assembled server does nothing until it is started, mounted or tested"]
pub struct AdminServer {
    pub(super) context: Arc<ServerContext>,
    listeners: Vec<PlannedListener>,
    trust_loopback: bool,
    token_files: Arc<Mutex<Vec<TokenFile>>>,
}

impl AdminServer {
    pub(super) fn new(
        context: Arc<ServerContext>,
        listeners: Vec<PlannedListener>,
        trust_loopback: bool,
        token_files: Vec<TokenFile>,
    ) -> Self {
        Self {
            token_files: Arc::new(Mutex::new(token_files)),
            context,
            listeners,
            trust_loopback,
        }
    }

    /// What it serves.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.context.registry
    }

    /// Its periodic threads, which only [`start`](Self::start) starts by itself: whoever mounts the
    /// filter starts them with [`PeriodicThreads::start`].
    #[must_use]
    pub fn periodic_threads(&self) -> &PeriodicThreads {
        &self.context.periodic
    }

    /// Its health checks, which only [`start`](Self::start) starts of itself: whoever mounts the
    /// filter starts them with [`HealthChecks::start`].
    #[must_use]
    pub fn health_checks(&self) -> &HealthChecks {
        &self.context.health_checks
    }

    /// Makes its check `accepting` fail, so that it receives no new work.
    ///
    /// ```standalone_crate
    /// # use admin_runtime::{AdminServer, admin_endpoint};
    /// use admin_runtime::health::CheckKind;
    ///
    /// # #[admin_endpoint(path = "/ping")]
    /// # async fn ping() {}
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder().build()?;
    /// let service = server.service(); // to mount
    /// server.drain(); // before the application stops
    /// let accepting = &server.health_checks().reports(CheckKind::Ready)[0];
    /// assert_eq!(accepting.message.as_deref(), Some("shutting down"));
    /// # drop(service);
    /// # Ok(())
    /// # }
    /// ```
    pub fn drain(&self) {
        self.context.health_checks.shut_down();
    }

    /// A filter over its own paths, to mount in warp: see [`Builder::filter`](super::Builder::filter).
    /// In axum, hyper and tower mount [`service`](Self::service).
    #[must_use]
    pub fn filter(&self) -> AdminFilter {
        filter(Arc::clone(&self.context), self.mounted(), Scope::Registered)
    }

    /// A filter that answers every path: see [`Builder::filter_or_404`](super::Builder::filter_or_404).
    #[must_use]
    pub fn filter_or_404(&self) -> AdminFilter {
        filter(Arc::clone(&self.context), self.mounted(), Scope::All)
    }

    /// The filter of one endpoint, by method and declared path, with all guards; `None` if there
    /// is no such endpoint.
    #[must_use]
    pub fn endpoint_filter(&self, method: Method, path: &str) -> Option<AdminFilter> {
        let mut endpoints = self.registry().endpoints().iter();
        let endpoint = endpoints.find(|one| one.method == method && one.path == path)?;
        let scope = Scope::Endpoint(endpoint.method, endpoint.path);
        Some(filter(Arc::clone(&self.context), self.mounted(), scope))
    }

    /// A tower service that answers every path, to mount in axum or to serve with hyper.
    #[must_use]
    pub fn service(&self) -> AdminService {
        AdminService::new(Arc::clone(&self.context), self.mounted())
    }

    /// A client that calls the server in this process, without a socket, as from loopback.
    #[must_use]
    pub fn test_client(&self) -> TestClient {
        TestClient::new(Arc::clone(&self.context))
    }

    /// Binds and serves, on threads and runtimes of the server's own, and starts the periodic
    /// threads.
    ///
    /// # Errors
    ///
    /// Listeners that cannot listen, all of them; threads that cannot be started; periodic threads beside
    /// those of another server without a [`name`](super::Builder::name).
    pub fn start(self) -> Result<RunningServer, StartError> {
        running::start(self.context, &self.listeners, &self.token_files)
    }

    /// A mounted server does not see its peers.
    fn mounted(&self) -> Connection {
        let exposure = if self.trust_loopback {
            Exposure::Loopback
        } else {
            Exposure::Mounted
        };
        Connection::without_socket(exposure)
    }
}
