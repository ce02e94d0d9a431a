//! The framework: what an endpoint, a registration, a guard and a server are.
//!
//! One attribute on a function, in any crate, makes it an endpoint of every admin server of the
//! binary; nothing is registered by hand:
//!
//! ```standalone_crate
//! use admin_runtime::{AdminError, AdminServer, Json, State, admin_endpoint};
//! use std::collections::BTreeMap;
//! use std::sync::Arc;
//!
//! type Sizes = Arc<BTreeMap<String, usize>>;
//!
//! /// Size of one tier.
//! #[admin_endpoint(path = "/cache/{tier}")]
//! async fn size(tier: String, sizes: State<Sizes>) -> Result<Json<usize>, AdminError> {
//!     let missing = || AdminError::not_found(format!("No tier '{tier}'"));
//!     sizes.get(&tier).copied().map(Json).ok_or_else(missing)
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let sizes: Sizes = Arc::new(BTreeMap::from([("hot".to_owned(), 7)]));
//!     let admin = AdminServer::builder().state(sizes).bind("127.0.0.1:0").start()?;
//!     println!("curl http://{}/cache/hot", admin.local_addr());
//!     Ok(()) // your program instead: `admin` serves until it is dropped
//! }
//! ```
//!
//! The [`guide`] has a chapter for each macro, for mounting into axum, hyper, warp and tower, and for
//! proxies.
//!
//! An endpoint in another crate is only there if the binary names that crate: [`link!`] names it
//! and proves that it registered something.
//!
//! A panic in a handler is a 500 and the server continues, unless the program is built with
//! `panic = "abort"`, which no server can catch.

#![cfg_attr(test, allow(clippy::unwrap_used))]

// Lets the macro's paths, `::admin_runtime::...`, name this crate from inside.
extern crate self as admin_runtime;

// A module imports only from modules that are declared before it: `tests/tidy/order.rs` checks it.

// Without a dependency on the rest.
mod type_map;

mod source;

pub mod build_info;

mod limits;

mod large_buffer;

mod panics;

mod sync;

// Credentials on disk.
mod watched_files;

pub mod text;

pub mod accept;

pub mod clock;

pub mod thread_names;

pub mod log_queue;

mod server_state;

// Replies and errors.
mod response;

// A request as handlers see it, arguments and extractors.
mod request;

// What `#[admin_endpoint]` registers.
mod endpoint;

// What `GET /audit` shows, and what masks secrets in it.
mod audit_log;
mod audit_mask;

// All endpoints of a server, routing, and what can be wrong with them.
mod registry;

// Decisions on data: host, origin, authentication, effect.
mod guard;

// Objects that scripts see.
pub mod script;

// Threads that run independently of requests.
pub mod periodic;

// What probes ask.
pub mod health;

// Settings of the program that `GET /config` of `admin-endpoints` shows.
mod shown_config;

// `GET /openapi.json` and `GET /`.
mod openapi;

// Where async user handlers run.
mod user_runtime;

mod index;

// What all requests of one server share.
mod server_context;

// One request: guards, body, arguments, handler, record.
mod dispatch;

// The core as a tower service, and the adapter to warp.
mod service;

mod filter;

// What is linked into the binary.
mod discover;

pub mod listener;

// From a builder to a running server.
mod server;

pub mod guide;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// Registers a function as an endpoint.
///
/// The chapter [`guide::endpoint`] has everything; in short:
///
/// - `path = "/cache/{tier}"`: where it is; parameters are arguments of the same name.
/// - `method = "POST"`: default `GET`.
/// - `effect = "write"`: `read`, `write` or `dangerous`; default by the method.
/// - `effect_if(query = "level", effect = "write")`: raised by a query parameter.
/// - `timeout = "5s"`: 503 after that.
/// - `runtime = "admin"`: on the admin runtime, for an `async fn` that never blocks.
/// - `errors = "json"`: or `text`; default by the return type.
/// - `produces = "text/csv"`: the media types of the replies, if the return type does not tell them.
/// - `deny_unknown = true`: 400 for query parameters that it does not have; default `false`.
/// - `sensitive = true`: beyond loopback it needs credentials even if it only reads; default `false`.
/// - `status = "function"`: what the index says of it at this moment: an
///   [`EndpointStatus`](describe::EndpointStatus).
/// - `resource = "function"`: what it needs while the server runs, such as a thread: a
///   [`Resource`](describe::Resource).
/// - `crate = "path::to::admin_runtime"`: where this crate is.
/// - `#[param(name = "thread-id", default = "10")]` on an argument: its name on the wire, and the
///   default for a missing value.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Json, admin_endpoint};
///
/// /// The sum of two numbers.
/// #[admin_endpoint(path = "/sum/{left}")]
/// async fn sum(left: u32, #[param(default = "1")] right: u32) -> Json<u32> {
///     Json(left + right)
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let server = AdminServer::builder().build()?;
///     assert_eq!(server.test_client().get("/sum/2?right=3").await.json::<u32>(), 5);
///     Ok(())
/// }
/// ```
pub use admin_macros::admin_endpoint;
/// Registers a function as a health check of every admin server of the binary.
///
/// The chapter [`guide::health`] shows an example; the module [`health`] has the types.
///
/// | key | meaning | default |
/// |---|---|---|
/// | `kind` | `live` (asked by `/livez`) or `ready` (asked by `/readyz`) | `ready` |
/// | `interval` | the time from the end of a run to the next: `"250ms"`, `"10s"`, `"1m30s"` | `"10s"` |
/// | `timeout` | a run that takes longer has failed | `"1s"` |
/// | `name` | its name, unique in the binary among those of its kind | the function's |
/// | `crate` | the path of this crate, if it was renamed | `::admin_runtime` |
///
/// The function is an `async fn` (on the user runtime; a live check on one for live checks) or
/// an `fn` (on one of at most eight threads, up to two of them for live checks). It returns `()` or `Result<(), E>`; the error is any
/// `std::error::Error`, a text, or [`PeriodicError`]. Its arguments are [`State<T>`](State),
/// [`Config<T>`](Config), and types that implement [`FromRunContext`](periodic::FromRunContext).
///
/// ```standalone_crate
/// use admin_runtime::health_check;
///
/// /// The disk has space.
/// #[health_check(kind = "live", interval = "1m", timeout = "5s")]
/// fn disk() -> std::io::Result<()> {
///     std::fs::metadata(".").map(drop)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use admin_runtime::{AdminServer, health::CheckKind};
/// let admin = AdminServer::builder().bind("127.0.0.1:0").start()?;
/// assert!(admin.health_checks().is_healthy(CheckKind::Live));
/// # Ok(())
/// # }
/// ```
pub use admin_macros::health_check;
/// Registers a function as a periodic thread of every admin server of the binary that is started.
///
/// The chapter [`guide::periodic`] shows an example; the module [`mod@periodic`] has the types.
///
/// | key | meaning | default |
/// |---|---|---|
/// | `level` | `critical`, `high`, `medium` or `low`; health considers the first two | `medium` |
/// | `interval` | the time between two runs: `"250ms"`, `"10s"`, `"1m30s"` | `"10s"` |
/// | `schedule` | `fixed_delay` measures it from the end of a run, `fixed_rate` keeps to slots | `fixed_delay` |
/// | `init_wait` | the time before the first run | none |
/// | `jitter` | the longest random addition to each delay | none |
/// | `timeout` | a run that takes longer is `stuck` (it is not interrupted) | three intervals, at least 30 s |
/// | `failures` | the number of consecutive failures after which it is `failing` | `3` |
/// | `backoff` | the longest delay while failing; it doubles up to this | none |
/// | `name` | its name, unique in the binary | the function's |
/// | `crate` | the path of this crate, if it was renamed | `::admin_runtime` |
///
/// The function is an `fn` (an OS thread of that name) or an `async fn` (on the runtime for users'
/// code). It returns `()`, [`RunSummary`], or a `Result` of one of these; the error is a
/// [`PeriodicError`], any `std::error::Error`, or a text. Its arguments are [`State<T>`](State),
/// [`Config<T>`](Config), [`PeriodicThread`], the thread itself, and types that implement
/// [`FromRunContext`](periodic::FromRunContext).
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, PeriodicError, State, periodic};
/// use std::sync::Arc;
///
/// struct Scheduler;
///
/// impl Scheduler {
///     fn ping(&self) -> std::io::Result<()> {
///         Ok(())
///     }
/// }
///
/// /// Reports to the scheduler that this worker is alive.
/// #[periodic(level = "critical", interval = "2s", jitter = "100ms", timeout = "10s")]
/// fn heartbeat(scheduler: State<Arc<Scheduler>>) -> Result<(), PeriodicError> {
///     Ok(scheduler.ping()?)
/// }
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let admin = AdminServer::builder().state(Arc::new(Scheduler)).bind("127.0.0.1:0").start()?;
///     assert!(admin.periodic_threads().health().healthy);
///     Ok(())
/// }
/// ```
pub use admin_macros::periodic;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method as HttpMethod, StatusCode, header};

pub use filter::{AdminFilter, AdminReply};
pub use large_buffer::LargeBuffer;
pub use limits::Limits;
pub use periodic::{PeriodicError, PeriodicThread, RunSummary};
pub use registry::BuildError;
pub use request::{Audit, Caller, Extractor, Headers, Param, RequestContext, RequestId, Upload};
pub use response::{AdminError, Body, IntoResponse, Json, Pretty, Response};
pub use server::{AdminServer, Builder, RunningServer, StartError};
pub use server_state::{Config, State};
pub use service::AdminService;

/// Who may send requests: tokens, and authenticators of your own.
pub mod auth {
    pub use crate::guard::{
        AsyncAuthenticator, Authenticator, Identity, Token, Unauthenticated, first_secret,
    };
}

/// What an endpoint is, as data: what `#[admin_endpoint]` registers and extractors read.
pub mod describe {
    pub use crate::endpoint::{
        Effect, EffectIf, EndpointDescriptor, EndpointStatus, Handler, HandlerResult, HandlerTask,
        Method, PathError, PathPattern, Resource, ResourceContext, ResourceFn, Runtime, Segment,
        StatusFn,
    };
    pub use crate::request::{
        Argument, ArgumentDescriptor, ArgumentKind, ArgumentLocation, ParamSpec,
    };
    pub use crate::response::{ErrorFormat, ResponseSpec, TypeSchema};
    pub use crate::server_state::RequiredState;
    pub use crate::source::SourceLocation;
}

/// What a server serves, as data: the index, the settings that it shows, its last writes, and the problems
/// that keep it from being built.
pub mod introspect {
    pub use crate::audit_log::{AuditEntry, AuditLog};
    pub use crate::registry::{
        EndpointEntry, HealthCheckEntry, Index, ParameterEntry, Problem, Registry,
        UserRuntimeStatus,
    };
    pub use crate::shown_config::ShownConfig;
}

/// A client that calls a server in the same process, for tests of endpoints.
pub mod testing {
    pub use crate::server::{TestClient, TestRequest, TestResponse};
}
