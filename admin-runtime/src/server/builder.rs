//! The builder of a server.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::token_file::TokenFile;
use super::{AdminServer, RunningServer, StartError, assemble, start_warnings};
use crate::discover;
use crate::endpoint::{Effect, EndpointDescriptor, PathPattern};
use crate::filter::AdminFilter;
use crate::guard::{Authenticator, Credentials, Hosts, Token};
use crate::health::{HealthChecks, problems as health_problems};
use crate::index::MountPrefix;
use crate::limits::Limits;
use crate::openapi::Access;
use crate::periodic::{PeriodicThreads, problems as periodic_problems};
use crate::registry::{BuildError, Problem, Registry, sort};
use crate::request::Services;
use crate::script::{IntoScriptValue, ScriptObjects};
use crate::server_context::{ServerContext, ServerParts};
use crate::server_state::ServerState;
use crate::service::AdminService;
use crate::shown_config::ShownConfigBuilder;
use crate::user_runtime::UserRuntimeState;

/// Collects what one server needs. The exits are ordered by effect: [`build`](Self::build) only
/// checks, [`filter`](Self::filter) gives something to mount, [`start`](Self::start) opens a socket.
///
#[doc = include_str!("../../docs/builder.md")]
#[must_use]
pub struct Builder {
    state: ServerState,
    scripts: ScriptObjects,
    shown_config: ShownConfigBuilder,
    hosts: Hosts,
    credentials: Credentials,
    token_files: Vec<TokenFile>,
    public: Vec<String>,
    limits: Limits,
    name: Option<String>,
    bind: String,
    mount_prefix: String,
    exclude: Vec<String>,
    endpoints: Vec<EndpointDescriptor>,
    trust_loopback: bool,
    periodic: bool,
    problems: Vec<Problem>,
}

/// Where a server listens unless told otherwise.
const DEFAULT_BIND: &str = "127.0.0.1:7000";

impl Builder {
    fn new() -> Self {
        Self {
            state: ServerState::default(),
            scripts: ScriptObjects::default(),
            shown_config: ShownConfigBuilder::default(),
            hosts: Hosts::default(),
            credentials: Credentials::default(),
            token_files: Vec::new(),
            public: Vec::new(),
            limits: Limits::default(),
            name: None,
            bind: DEFAULT_BIND.to_owned(),
            mount_prefix: String::new(),
            exclude: Vec::new(),
            endpoints: Vec::new(),
            trust_loopback: false,
            periodic: true,
            problems: Vec::new(),
        }
    }

    /// Gives handlers that take `State<T>` their value. One value of each type: two of the same
    /// type are an error of `build()`.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if self.state.insert_state(value) {
            self.reject(
                "state(..)",
                format!("given twice for {}", std::any::type_name::<T>()),
            );
        }
        self
    }

    /// Gives routes that take `Config<T>` their settings instead of `T::default()`.
    pub fn config<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if self.state.insert_config(value) {
            self.reject(
                "config(..)",
                format!("given twice for {}", std::any::type_name::<T>()),
            );
        }
        self
    }

    /// Shows scripts an object as `app.state.NAME`: one with `#[script_object]`, which stays live,
    /// or plain values, which are copied now.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().script_object("limits", vec![4, 16]);
    /// let error = builder.script_object("limits", 0).build().unwrap_err();
    /// let taken = "is taken: each object needs its own name";
    /// assert!(error.problems()[0].to_string().ends_with(taken));
    /// ```
    pub fn script_object(mut self, name: &str, object: impl IntoScriptValue) -> Self {
        if let Err(error) = self.scripts.insert(name, object) {
            self.reject("script_object(..)", error.to_string());
        }
        self
    }

    /// Shows scripts as `app.state.NAME` what `value` returns each time the name is read.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    ///
    /// let waiting = Arc::new(AtomicU64::new(0));
    /// let read = Arc::clone(&waiting);
    /// let builder = AdminServer::builder()
    ///     .script_value("waiting", move || read.load(Ordering::Relaxed)); // app.state.waiting
    /// ```
    pub fn script_value<T: IntoScriptValue>(
        mut self,
        name: &str,
        value: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        if let Err(error) = self.scripts.insert_with(name, value) {
            self.reject("script_value(..)", error.to_string());
        }
        self
    }

    /// Shows a value as `key` in `GET /config` of `admin-endpoints`, secrets masked; it is serialised at
    /// each request. Two values of one key are an error of `build()`.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use std::collections::BTreeMap;
    ///
    /// let tiers = BTreeMap::from([("hot", 256), ("cold", 4096)]);
    /// let builder = AdminServer::builder().show_config("tiers", tiers);
    /// let error = builder.show_config("tiers", 2).build().unwrap_err();
    /// let text = "show_config(\"tiers\", ..): given twice: each value needs a key of its own";
    /// assert_eq!(error.problems()[0].to_string(), text);
    /// ```
    pub fn show_config(
        mut self,
        key: impl Into<String>,
        value: impl Serialize + Send + Sync + 'static,
    ) -> Self {
        let key = key.into();
        if let Err(reason) = self.shown_config.insert_value(key.clone(), value) {
            self.reject(&format!("show_config({key:?}, ..)"), reason);
        }
        self
    }

    /// As [`show_config`](Self::show_config), with what `value` returns at each request. It may block:
    /// it runs on the pool for sync handlers.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    ///
    /// let limit = Arc::new(AtomicU64::new(64));
    /// let read = Arc::clone(&limit);
    /// let builder = AdminServer::builder()
    ///     .show_config_with("limit", move || read.load(Ordering::Relaxed));
    /// ```
    pub fn show_config_with<T: Serialize>(
        mut self,
        key: impl Into<String>,
        value: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        let key = key.into();
        if let Err(reason) = self.shown_config.insert(key.clone(), value) {
            self.reject(&format!("show_config_with({key:?}, ..)"), reason);
        }
        self
    }

    /// Where to listen: an IP address and a port, or `localhost:PORT`. Port 0 lets the kernel
    /// choose. Default `127.0.0.1:7000`.
    ///
    /// Beyond loopback only reads are answered until [`token`](Self::token) or
    /// [`authenticator`](Self::authenticator) is configured.
    pub fn bind(mut self, address: impl Display) -> Self {
        self.bind = address.to_string();
        self
    }

    /// Names the server: the `server` label of its metrics, to tell two in one process apart. The
    /// second server of a process that runs periodic threads needs one.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Answers to this `Host` name too, beside loopback names and IP addresses: a name such as
    /// `admin.example`, on any port.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().allow_host("https://admin.example:8443");
    /// let problem = builder.build().unwrap_err().problems()[0].to_string();
    /// assert!(problem.contains("write allow_host(\"admin.example\")"), "{problem}");
    /// ```
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        match assemble::host_problem(&name) {
            None => self.hosts.allow(name),
            Some(reason) => self.reject(&format!("allow_host({name:?})"), reason),
        }
        self
    }

    /// Demands `Authorization: Bearer SECRET` of every request; the name is in the audit line. Of several
    /// tokens and authenticators one suffices. Such a token has full rights.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let secret = "s3cret\n"; // as read from a file
    /// let error = AdminServer::builder().token("ops", secret).build().unwrap_err();
    /// assert!(error.problems()[0].to_string().ends_with("write `secret.trim()`"));
    /// ```
    pub fn token(self, name: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with_token("token(..)", Token::new(name, secret))
    }

    /// As [`token`](Self::token), with a ceiling: requests of a higher effect are answered with 403.
    ///
    /// ```standalone_crate
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::describe::Effect;
    /// # use admin_runtime::admin_endpoint;
    /// # #[admin_endpoint(path = "/jobs")] fn jobs() -> String { "3".into() }
    /// # #[admin_endpoint(method = "POST", path = "/jobs")] fn set() {}
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder()
    ///     .token("ops", "s3cret")
    ///     .token_with("prometheus", "t0ken", Effect::Read)
    ///     .build()?;
    /// let client = server.test_client();
    /// let scraper = "Bearer t0ken";
    /// assert_eq!(client.get("/jobs").header("authorization", scraper).await.status(), 200);
    /// assert_eq!(client.post("/jobs").header("authorization", scraper).await.status(), 403);
    /// assert_eq!(client.post("/jobs").header("authorization", "Bearer s3cret").await.status(), 204);
    /// # Ok(())
    /// # }
    /// ```
    pub fn token_with(
        self,
        name: impl Into<String>,
        secret: impl Into<String>,
        max_effect: Effect,
    ) -> Self {
        let token = Token::new(name, secret).with_max_effect(max_effect);
        self.with_token("token_with(..)", token)
    }

    /// Accepts the tokens of a file: lines `NAME EFFECT SECRET`, where the effect is the ceiling (`read`,
    /// `write` or `dangerous`), and `#` comments. A file of one word is one token of full rights with
    /// the name `token`. A byte order mark and CR LF are ignored.
    ///
    /// It is read now, and a server that runs reads it again every 10 s: new content replaces the
    /// tokens as a whole, and content that cannot be used leaves them as they are and is logged. A
    /// mounted server reads it once.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().token_file("/nonexistent/tokens");
    /// let problem = builder.build().unwrap_err().problems()[0].to_string();
    /// assert!(problem.starts_with("token_file(\"/nonexistent/tokens\"): "), "{problem}");
    /// ```
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        match TokenFile::read(&path) {
            Ok(file) => {
                self.credentials.add_list(file.list());
                self.token_files.push(file);
            }
            Err(reason) => self.reject(&format!("token_file({path:?})"), reason),
        }
        self
    }

    /// Asks this authenticator about every request. Of several tokens and authenticators one suffices.
    ///
    /// ```standalone_crate
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::auth::Token;
    /// # use admin_runtime::admin_endpoint;
    /// # #[admin_endpoint(path = "/ping")] fn ping() -> &'static str { "pong" }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let builder = AdminServer::builder().token("ci", "t0ken");
    /// let server = builder.authenticator(Token::new("ops", "s3cret")).build()?;
    /// for header in ["Bearer t0ken", "Bearer s3cret"] {
    ///     let reply = server.test_client().get("/ping").header("authorization", header).await;
    ///     assert_eq!(reply.text(), "pong");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        if let Some(reason) = authenticator.problem() {
            self.reject("authenticator(..)", reason);
        }
        self.credentials.add_authenticator(authenticator);
        self
    }

    /// Answers reads of these endpoints without credentials: paths as declared, or all below a prefix
    /// (`/readyz*`). Writes and sensitive reads need credentials nevertheless, and wrong credentials
    /// are refused. Without tokens and authenticators it changes nothing.
    ///
    /// ```standalone_crate
    /// use admin_runtime::AdminServer;
    /// # use admin_runtime::admin_endpoint;
    /// # #[admin_endpoint(path = "/ping")] fn ping() -> &'static str { "pong" }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder().token("ops", "s3cret").public(["/ping"]).build()?;
    /// assert_eq!(server.test_client().get("/ping").await.text(), "pong");
    /// assert_eq!(server.test_client().get("/").await.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
    pub fn public<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.public.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// For a mounted filter or service: says that only this machine reaches the application, so
    /// that writes are answered.
    pub fn trust_loopback(mut self) -> Self {
        self.trust_loopback = true;
        self
    }

    /// Names the prefix that is stripped from each path before the server sees it, by axum's
    /// `nest_service` or a reverse proxy: links and messages then have the path of the client.
    ///
    /// Without it messages name the path that is left (`Not found: /nope`) and links are relative;
    /// those of the page at `/admin`, without a slash at the end, miss the prefix. A warp filter does
    /// not need it: warp leaves the whole path.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().mounted_at("/admin");
    /// let error = builder.mounted_at("/").build().unwrap_err();
    /// let text = "mounted_at(\"/\"): expected a prefix without parameters such as /admin";
    /// assert_eq!(error.problems()[0].to_string(), text);
    /// ```
    pub fn mounted_at(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        match mount_prefix_problem(&prefix) {
            None => self.mount_prefix = prefix,
            Some(reason) => self.reject(&format!("mounted_at({prefix:?})"), reason),
        }
        self
    }

    /// Replaces the [`Limits`]. One of zero that refuses every request is an error of `build()`.
    ///
    /// ```
    /// use admin_runtime::{AdminServer, Limits};
    ///
    /// let builder = AdminServer::builder().limits(Limits::default().with_max_connections(0));
    /// let error = builder.build().unwrap_err();
    /// let text = "limits(..): max_connections is 0, so every connection would be refused: expected at least 1";
    /// assert_eq!(error.problems()[0].to_string(), text);
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// `false` leaves the linked periodic threads out of this server. Default `true`:
    /// [`start`](Self::start) starts them. Those built at run time join in either case.
    pub fn periodic(mut self, on: bool) -> Self {
        self.periodic = on;
        self
    }

    /// Takes endpoints off this server: a path as declared (`/cache/{tier}`), a method and a path
    /// (`POST /run_script`), or all below a prefix (`/cache/*`). A pattern that fits nothing is an
    /// error of `build()`.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.exclude.push(pattern.into());
        self
    }

    /// Adds an endpoint that only this server has, beside those that are linked.
    pub fn endpoint(mut self, endpoint: EndpointDescriptor) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Assembles everything that is linked. Opens no socket and starts no thread.
    ///
    /// # Errors
    ///
    /// All mistakes of all registrations and settings together.
    pub fn build(mut self) -> Result<AdminServer, BuildError> {
        let mut problems = std::mem::take(&mut self.problems);
        let bind = self.parsed_bind(&mut problems);
        problems.extend(assemble::limit_problems(&self.limits));
        problems.extend(assemble::build_info_problem());
        let mut endpoints: Vec<_> = discover::endpoints().chain(self.endpoints).collect();
        sort(&mut endpoints); // so that what is wrong with them comes in order
        let mut periodic: Vec<_> = discover::periodic_threads().collect();
        let mut checks: Vec<_> = discover::health_checks().collect();
        problems.extend(assemble::links(&endpoints, &periodic, &checks));
        let unused = assemble::unused(&endpoints, &periodic, &checks, &self.state);
        problems.extend(assemble::exclusions(&mut endpoints, &self.exclude));
        let (public, unknown) = assemble::public(&endpoints, &self.public);
        problems.extend(unknown);
        let mut linked_problems = periodic_problems(&mut periodic);
        linked_problems.extend(health_problems(&mut checks));
        if !self.periodic {
            periodic.clear();
        }
        problems.extend(assemble::state(&endpoints, &periodic, &checks, &self.state));
        problems.extend(linked_problems);
        let registry = match Registry::from_descriptors(endpoints) {
            Ok(registry) => registry,
            Err(error) => {
                problems.extend(error.into_problems());
                return Err(BuildError::new(problems));
            }
        };
        BuildError::unless_empty(problems)?;
        start_warnings::warn_about_unused(unused);
        let state = Arc::new(self.state);
        let periodic = PeriodicThreads::new(self.name.clone(), &periodic, &state);
        let health_checks = HealthChecks::new(&checks, &state, periodic.clone());
        let access = if self.credentials.are_required() {
            Access::Bearer
        } else {
            Access::Open
        };
        let user_runtime_state = Arc::new(UserRuntimeState::new(self.name.clone()));
        let services = Services::new(state)
            .with(registry.clone())
            .with(periodic.clone())
            .with(health_checks.clone())
            .with(self.scripts)
            .with(self.shown_config.build())
            .with(access)
            .with(MountPrefix(self.mount_prefix.clone()))
            .with(Arc::clone(&user_runtime_state));
        let context = ServerContext::new(ServerParts {
            name: self.name,
            registry,
            periodic,
            health_checks,
            services,
            hosts: self.hosts,
            credentials: self.credentials,
            limits: self.limits,
            mount_prefix: self.mount_prefix,
            user_runtime_state,
            public,
        });
        Ok(AdminServer::new(
            Arc::new(context),
            bind,
            self.trust_loopback,
            self.token_files,
        ))
    }

    /// A filter to mount in a warp application; for axum, hyper and tower see
    /// [`service`](Self::service). It matches the *remaining* path, so a prefix works; it rejects paths
    /// that are not its own, so `admin.or(app)` works in either order; for its own it answers as a
    /// server's socket does, 405 and 400 included.
    ///
    /// It starts no periodic thread and no health check; the log, `/periodic-threads-health` and
    /// `/readyz` say so. To run them, [`build`](Self::build), start [`AdminServer::periodic_threads`]
    /// and [`AdminServer::health_checks`], and mount
    /// [`AdminServer::filter`]: see [the guide](crate::guide::mounting).
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn filter(self) -> Result<AdminFilter, BuildError> {
        Ok(self.build_without_threads()?.filter())
    }

    /// As [`filter`](Self::filter), and answers 404 for every other path.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn filter_or_404(self) -> Result<AdminFilter, BuildError> {
        Ok(self.build_without_threads()?.filter_or_404())
    }

    /// A tower service to mount in axum or to serve with hyper; it answers 404 for paths that are
    /// not its own.
    ///
    /// It starts no periodic thread and no health check; the log, `/periodic-threads-health` and
    /// `/readyz` say so. To run them, [`build`](Self::build), start [`AdminServer::periodic_threads`]
    /// and [`AdminServer::health_checks`], and mount
    /// [`AdminServer::service`]: see [the guide](crate::guide::mounting).
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn service(self) -> Result<AdminService, BuildError> {
        Ok(self.build_without_threads()?.service())
    }

    /// Builds, binds and serves, on threads and runtimes of the server's own.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build); an address that cannot be bound; threads that cannot be started.
    pub fn start(self) -> Result<RunningServer, StartError> {
        self.build()?.start()
    }

    /// Builds a server that is mounted and dropped, so that nothing can start its threads.
    fn build_without_threads(self) -> Result<AdminServer, BuildError> {
        let server = self.build()?;
        start_warnings::warn_about_panic_abort();
        start_warnings::warn_about_threads_not_started(server.periodic_threads());
        start_warnings::warn_about_checks_not_started(server.health_checks());
        Ok(server)
    }

    fn with_token(mut self, setting: &str, token: Token) -> Self {
        if let Err(reason) = self.credentials.add_token(token) {
            self.reject(setting, reason);
        }
        self
    }

    fn reject(&mut self, setting: &str, reason: String) {
        self.problems.push(Problem::Setting {
            setting: setting.to_owned(),
            reason,
        });
    }

    fn parsed_bind(&self, problems: &mut Vec<Problem>) -> SocketAddr {
        let numeric = match self.bind.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => self.bind.clone(),
        };
        numeric.parse().unwrap_or_else(|_| {
            problems.push(Problem::Setting {
                setting: format!("bind({:?})", self.bind),
                reason:
                    "expected an IP address and a port such as 127.0.0.1:7000, or localhost:7000"
                        .to_owned(),
            });
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }
}

/// Why a text cannot be put before paths.
fn mount_prefix_problem(prefix: &str) -> Option<String> {
    let pattern = match PathPattern::parse(prefix) {
        Ok(pattern) => pattern,
        Err(error) => return Some(error.to_string()),
    };
    let parameters = pattern.parameters().count();
    if pattern.segments().is_empty() || parameters > 0 || !prefix.is_ascii() {
        return Some("expected a prefix without parameters such as /admin".to_owned());
    }
    None
}

impl AdminServer {
    /// Begins a server with everything that is linked.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("bind", &self.bind)
            .finish_non_exhaustive()
    }
}
