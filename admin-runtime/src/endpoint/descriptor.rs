//! The constant record that one `#[admin_endpoint]` leaves in the binary.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Effect, EffectIf, Method, StatusFn};
use crate::request::{ArgumentDescriptor, RequestContext};
use crate::response::{AdminError, Response, ResponseSpec};
use crate::source::Source;

/// One registered endpoint. `#[admin_endpoint]` writes it; code may also write it by hand.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Json, admin_endpoint};
/// use admin_runtime::describe::{Effect, Method};
///
/// /// Size of
/// /// one tier.
/// ///
/// /// In blocks, without those that are on their way out.
/// #[admin_endpoint(path = "/tiers/{tier}/size")]
/// async fn size(tier: String) -> Json<usize> {
///     Json(tier.len())
/// }
///
/// let server = AdminServer::builder().build()?;
/// let mut endpoints = server.registry().endpoints().iter();
/// let size = endpoints.find(|endpoint| endpoint.path.ends_with("/size")).ok_or("not linked")?;
/// assert_eq!(size.summary(), "Size of one tier.");
/// assert_eq!(size.description(), "In blocks, without those that are on their way out.");
/// assert_eq!((size.method, size.effect), (Method::Get, Effect::Read));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EndpointDescriptor {
    /// The method it answers.
    pub method: Method,
    /// The path as written: `/cache/{tier}`.
    pub path: &'static str,
    /// What it changes when no `effect_if` applies.
    pub effect: Effect,
    /// Query parameters that raise the effect.
    pub effect_if: &'static [EffectIf],
    /// The doc comment: the first paragraph is the summary, the rest the description.
    pub docs: &'static str,
    /// The arguments of the function, in order.
    pub arguments: &'static [ArgumentDescriptor],
    /// What it answers with.
    pub response: ResponseSpec,
    /// How long it may run; `None` is the server's limit.
    pub timeout: Option<Duration>,
    /// Where it runs.
    pub runtime: Runtime,
    /// What it says of itself in the index, if it says anything.
    pub status: Option<StatusFn>,
    /// Where it was written.
    pub source: Source,
    /// The generated shim: takes the arguments out of the request and returns the task to run.
    pub handler: Handler,
}

impl EndpointDescriptor {
    /// The first paragraph of the docs, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let first = self.docs.split("\n\n").next().unwrap_or_default();
        first.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What follows the first paragraph, as written.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.docs
            .split_once("\n\n")
            .map_or("", |(_, rest)| rest.trim())
    }
}

/// Where the body of an endpoint runs.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::describe::Runtime;
///
/// #[admin_endpoint(path = "/one")]
/// async fn user() {}
///
/// #[admin_endpoint(path = "/two")]
/// fn blocking() {}
///
/// #[admin_endpoint(path = "/zero", runtime = "admin")]
/// async fn admin() {}
///
/// let server = AdminServer::builder().exclude("/").exclude("/openapi.json").build()?;
/// let runtimes = server.registry().endpoints().iter().map(|endpoint| endpoint.runtime);
/// assert!(runtimes.eq([Runtime::User, Runtime::Blocking, Runtime::Admin]));
/// # Ok::<(), admin_runtime::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// On the server's own runtime, beside the guards: only for handlers that never block.
    Admin,
    /// An async handler on the runtime for users' code (the default of `async fn`).
    User,
    /// A sync handler on the bounded pool of threads (the default of `fn`).
    Blocking,
}

/// Takes typed arguments out of a request; fails with the answer to a bad request.
///
/// [`Builder`](crate::Builder) shows one at work.
///
/// ```
/// use admin_runtime::{RequestContext, Response};
/// use admin_runtime::describe::{Handler, HandlerResult, HandlerTask};
///
/// fn whoami(request: &mut RequestContext) -> HandlerResult {
///     let caller = request.caller().to_string();
///     Ok(HandlerTask::Async(Box::pin(async move { Ok(Response::text(caller)) })))
/// }
///
/// const WHOAMI: Handler = whoami;
/// ```
pub type Handler = fn(&mut RequestContext) -> HandlerResult;

/// What a [`Handler`] gives.
///
/// ```
/// use admin_runtime::AdminError;
/// use admin_runtime::describe::HandlerResult;
///
/// let refused: HandlerResult = Err(AdminError::bad_request("Missing header X-User"));
/// assert_eq!(refused.unwrap_err().to_string(), "400 Bad Request Missing header X-User");
/// ```
pub type HandlerResult = Result<HandlerTask, AdminError>;

/// The user's function with its arguments, not yet run.
///
/// ```
/// use admin_runtime::Response;
/// use admin_runtime::describe::HandlerTask;
///
/// let task = HandlerTask::Blocking(Box::new(|| Ok(Response::text("done"))));
/// assert_eq!(format!("{task:?}"), "HandlerTask::Blocking");
/// let HandlerTask::Blocking(run) = task else { unreachable!() };
/// assert_eq!(run()?.status(), 200);
/// # Ok::<(), admin_runtime::AdminError>(())
/// ```
pub enum HandlerTask {
    /// An `async fn`.
    Async(Pin<Box<dyn Future<Output = Result<Response, AdminError>> + Send>>),
    /// A `fn`.
    Blocking(Box<dyn FnOnce() -> Result<Response, AdminError> + Send>),
}

impl fmt::Debug for HandlerTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Async(_) => "HandlerTask::Async",
            Self::Blocking(_) => "HandlerTask::Blocking",
        })
    }
}
