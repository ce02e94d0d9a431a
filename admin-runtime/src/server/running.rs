//! A server with its threads and its socket.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::accept_loop::Accepting;
use super::credentials_reload::{CredentialsReload, WatchedCredentials};
use super::descriptor_reserve::DescriptorReserve;
use super::main_thread::MainThread;
#[cfg(feature = "systemd")]
use super::open_listeners::log_unclaimed_sockets;
use super::open_listeners::{exposure_of, log_listening, open_all};
use super::start_warnings::{warn_about_panic_abort, warn_about_short_secrets};
#[cfg(feature = "systemd")]
use super::systemd::ServiceNotifier;
use super::token_file::TokenFile;
use super::{StartError, TestClient};
use crate::dispatch::Connection;
use crate::filter::{AdminFilter, Scope, filter};
use crate::guard::Exposure;
use crate::health::{CheckRuntimes, HealthChecks, RunningHealthChecks};
use crate::listener::{OpenListener, PlannedListener};
use crate::log_queue::{self, KeptThread};
use crate::periodic::{PeriodicThreads, RunningThreads};
use crate::registry::Registry;
use crate::request::StopSignal;
use crate::server_context::{KeptBlockingThread, ResourceFailure, ServerContext, describe};
use crate::service::AdminService;
use crate::text::one_line;
use crate::user_runtime;

/// A server that listens. It stops when dropped: it accepts nothing more, lets requests in flight
/// end for at most [`Limits::graceful_shutdown_timeout`](crate::Limits), and joins its thread. Before that it
/// stops its periodic threads and lets runs in progress end for as long.
///
/// It can be started and dropped inside an async runtime too; dropping waits as long as described above. In a
/// forked child dropping it does nothing.
///
/// ```standalone_crate
/// use admin_runtime::health::CheckKind;
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use std::io::{Read, Write};
/// use std::net::TcpStream;
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
/// let mut socket = TcpStream::connect(admin.local_addr())?;
/// socket.write_all(b"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
/// let mut reply = String::new();
/// socket.read_to_string(&mut reply)?;
/// assert!(reply.starts_with("HTTP/1.1 200 OK") && reply.ends_with("pong"));
///
/// assert_eq!(admin.listeners()[0].local_addr(), Some(admin.local_addr()));
/// assert_eq!(admin.test_client().get("/ping").await.text(), "pong"); // without the socket
/// assert!(admin.registry().endpoints().iter().any(|endpoint| endpoint.path() == "/ping"));
/// assert!(admin.periodic_threads().health().healthy);
/// let live = admin.health_checks().reports(CheckKind::Live);
/// assert_eq!(live[0].name, "periodic-critical"); // what `/livez` asks
/// let same = (admin.filter(), admin.service()); // to mount elsewhere
/// admin.stop();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the server stops when this is dropped"]
pub struct RunningServer {
    context: Arc<ServerContext>,
    listeners: Vec<OpenListener>,
    exposure: Exposure,
    /// The process that started it: a forked child has a copy, and none of its threads.
    process: u32,
    started: Option<Started>,
}

/// What a stop ends.
#[derive(Debug)]
struct Started {
    stop: watch::Sender<bool>,
    periodic: RunningThreads,
    health_checks: RunningHealthChecks,
    thread: Option<JoinHandle<()>>,
    log: KeptThread,
    #[cfg(feature = "systemd")]
    systemd: Option<ServiceNotifier>,
    resources: RunningResources,
    blocking: KeptBlockingThread,
    _reload: Option<CredentialsReload>,
}

#[cfg(feature = "systemd")]
impl Started {
    fn notify_stopping(&self) {
        if let Some(systemd) = &self.systemd {
            systemd.stopping();
        }
    }
}

/// The resources of the endpoints, which are dropped with this.
#[derive(Debug)]
struct RunningResources(Arc<ServerContext>);

impl RunningResources {
    fn start(context: &Arc<ServerContext>) -> Result<Self, ResourceFailure> {
        let (endpoints, state) = (context.registry.endpoints(), context.services.state());
        context.resources.start(endpoints, state)?;
        Ok(Self(Arc::clone(context)))
    }
}

impl Drop for RunningResources {
    fn drop(&mut self) {
        self.0.resources.stop();
    }
}

/// How long a stop waits for the log output, which may be blocked.
const LOG_FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

pub(super) fn start(
    context: Arc<ServerContext>,
    planned: &[PlannedListener],
    token_files: &Arc<Mutex<Vec<TokenFile>>>,
) -> Result<RunningServer, StartError> {
    let opened = open_all(
        planned,
        #[cfg(feature = "tls")]
        context.answers_without_certificate(),
    );
    let opened = opened.map_err(failed)?;
    #[cfg(feature = "systemd")]
    log_unclaimed_sockets(planned);
    let sockets = opened.sockets.iter().map(|socket| &socket.opened);
    let listeners: Vec<_> = sockets
        .clone()
        .map(|socket| socket.public.clone())
        .collect();
    let is_beyond_loopback = sockets
        .clone()
        .any(|socket| socket.exposure == Exposure::Network);
    let exposure = exposure_of(sockets.map(|socket| socket.exposure));
    let (stop, stopped) = watch::channel(false);
    let accepting = Accepting {
        context: Arc::clone(&context),
        reserve: DescriptorReserve::new(),
        stopped,
    };
    let runtime_error = |source| failed(StartError::Runtime(source));
    let thread = MainThread::start(opened.sockets, accepting).map_err(runtime_error)?;
    let blocking = context.blocking_pool.keep_thread().map_err(runtime_error)?;
    let resources = RunningResources::start(&context).map_err(|error| failed(error.into()))?;
    let periodic = context
        .periodic
        .start_on(
            Some(&thread.handles.users),
            context.limits.graceful_shutdown_timeout,
        )
        .map_err(|error| failed(StartError::Periodic(error)))?;
    let health_checks = context
        .health_checks
        .start_on(CheckRuntimes::separate(
            &thread.handles.users,
            thread.handles.live_checks.as_ref(),
        ))
        .map_err(|error| failed(StartError::HealthChecks(error)))?;
    let log = log_queue::keep_thread().map_err(runtime_error)?;
    let watched = WatchedCredentials {
        tokens: Arc::clone(token_files),
        #[cfg(feature = "tls")]
        tls: opened.tls_files,
        is_beyond_loopback,
    };
    let reload = CredentialsReload::start(watched).map_err(runtime_error)?;
    describe();
    user_runtime::describe();
    log_queue::describe();
    warn_about_panic_abort();
    if is_beyond_loopback {
        warn_about_short_secrets(&context.credentials.tokens_to_guess());
    }
    let endpoints = context.registry.endpoints().len();
    for (open, served) in listeners.iter().zip(&thread.served) {
        log_listening(&context, open, served, endpoints);
    }
    #[cfg(feature = "systemd")]
    let admin = thread.handles.admin.clone();
    let thread = thread.serve();
    #[cfg(feature = "systemd")]
    let systemd = ServiceNotifier::start(context.health_checks.clone(), admin);
    Ok(RunningServer {
        context,
        listeners,
        exposure,
        process: std::process::id(),
        started: Some(Started {
            stop,
            periodic,
            health_checks,
            thread,
            log,
            #[cfg(feature = "systemd")]
            systemd,
            resources,
            blocking,
            _reload: reload,
        }),
    })
}

/// Logs why a server does not start, before what is undone can log anything.
///
/// On the calling thread: a failed start leaves no other.
fn failed(error: StartError) -> StartError {
    tracing::error!(error = one_line(&error), "the admin server does not start");
    error
}

impl RunningServer {
    /// The address of its first TCP socket, with the port that the kernel chose for 0; `0.0.0.0:0` if
    /// it has none.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        let first = self.listeners.iter().find_map(OpenListener::local_addr);
        first.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
    }

    /// The sockets that it listens on, in the order of the builder.
    #[must_use]
    pub fn listeners(&self) -> &[OpenListener] {
        &self.listeners
    }

    /// For the log.
    fn address(&self) -> String {
        let names: Vec<_> = self.listeners.iter().map(OpenListener::name).collect();
        one_line(names.join(", "))
    }

    /// What it serves.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.context.registry
    }

    /// Its periodic threads.
    #[must_use]
    pub fn periodic_threads(&self) -> &PeriodicThreads {
        &self.context.periodic
    }

    /// Its health checks.
    #[must_use]
    pub fn health_checks(&self) -> &HealthChecks {
        &self.context.health_checks
    }

    /// Makes its check `accepting` fail, so that `/readyz` answers 503 and it receives no new work.
    /// Everything else goes on until the server stops; there is no way back.
    ///
    /// ```standalone_crate
    /// use admin_runtime::health::CheckKind;
    /// # use admin_runtime::{AdminServer, health_check};
    /// # #[health_check] fn database() {}
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
    /// // After SIGTERM: load balancers see it and send nothing more.
    /// admin.drain();
    /// let accepting = &admin.health_checks().reports(CheckKind::Ready)[0];
    /// assert_eq!((accepting.name, accepting.message.as_deref()), ("accepting", Some("shutting down")));
    /// // std::thread::sleep(grace);
    /// admin.stop();
    /// # Ok(())
    /// # }
    /// ```
    pub fn drain(&self) {
        if self.context.health_checks.shut_down() {
            let address = self.address();
            log_queue::emit(move || tracing::info!(%address, "admin server drains"));
            #[cfg(feature = "systemd")]
            if let Some(started) = &self.started {
                started.notify_stopping();
            }
        }
    }

    /// A warp filter that answers as its socket does, to mount elsewhere.
    #[must_use]
    pub fn filter(&self) -> AdminFilter {
        let connection = Connection::without_socket(self.exposure);
        filter(Arc::clone(&self.context), connection, Scope::All)
    }

    /// A tower service that answers as its socket does, to mount elsewhere.
    #[must_use]
    pub fn service(&self) -> AdminService {
        let connection = Connection::without_socket(self.exposure);
        AdminService::new(Arc::clone(&self.context), connection)
    }

    /// A client that calls the server in this process, without its socket, as from loopback.
    #[must_use]
    pub fn test_client(&self) -> TestClient {
        TestClient::new(Arc::clone(&self.context))
    }

    /// Stops it and waits until it has; as dropping it does.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        let Some(started) = self.started.take() else {
            return;
        };
        if std::process::id() != self.process {
            // Its locks may be held, and its threads are those of the parent.
            return std::mem::forget(started);
        }
        let _is_first = self.context.health_checks.shut_down();
        #[cfg(feature = "systemd")]
        if _is_first {
            started.notify_stopping();
        }
        drop(started.health_checks);
        // First, while the runtime of async bodies still runs.
        drop(started.periodic);
        self.context.services.get::<StopSignal>().send();
        started.stop.send_replace(true);
        if let Some(thread) = started.thread
            && thread.join().is_err()
        {
            let address = self.address();
            log_queue::emit(move || {
                tracing::error!(%address, "the admin server's thread panicked");
            });
        }
        drop(started.resources); // after the last request
        drop(started.blocking);
        // What is not written by then is written later, or lost with the process.
        let _ = log_queue::flush(LOG_FLUSH_TIMEOUT);
        drop(started.log);
    }
}
