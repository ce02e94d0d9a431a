//! The constant that one `#[admin_endpoint]` registers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Effect, EffectIf, Method, ResourceFn, StatusFn};
use crate::request::{ArgumentDescriptor, RequestContext};
use crate::response::{AdminError, Response, ResponseSpec};
use crate::source::SourceLocation;

/// One registered endpoint. `#[admin_endpoint]` writes it; code may also write it by hand.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Json, admin_endpoint};
/// use admin_runtime::describe::{Effect, Method, Runtime};
///
/// /// Size of
/// /// one tier.
/// ///
/// /// In blocks, without those that are being evicted.
/// #[admin_endpoint(path = "/tiers/{tier}/size")]
/// async fn size(tier: String) -> Json<usize> {
///     Json(tier.len())
/// }
///
/// let server = AdminServer::builder().build()?;
/// let mut endpoints = server.registry().endpoints().iter();
/// let size = endpoints.find(|endpoint| endpoint.path().ends_with("/size")).ok_or("not linked")?;
/// assert_eq!(size.summary(), "Size of one tier.");
/// assert_eq!(size.description(), "In blocks, without those that are being evicted.");
/// assert!(size.docs().starts_with("Size of\none tier."));
/// assert_eq!((size.method(), size.effect()), (Method::Get, Effect::Read));
/// assert_eq!((size.arguments().len(), size.effect_if().len()), (1, 0));
/// assert_eq!((size.runtime(), size.timeout()), (Runtime::User, None));
/// assert_eq!(size.response().content_type, Some("application/json"));
/// assert!(!size.deny_unknown() && !size.sensitive() && size.status().is_none() && size.resource().is_none());
/// assert_eq!(size.source().function(), "size");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// By hand:
///
/// ```
/// use admin_runtime::{AdminServer, IntoResponse, Response};
/// use admin_runtime::describe::{
///     Effect, EffectIf, EndpointDescriptor, HandlerTask, Method, Resource, Runtime, SourceLocation,
/// };
/// use std::time::Duration;
///
/// const SOURCE: SourceLocation = SourceLocation::new(env!("CARGO_CRATE_NAME"), module_path!(), "ping");
/// const PING: EndpointDescriptor = EndpointDescriptor::new(Method::Get, "/ping", SOURCE, |_| {
///     Ok(HandlerTask::Blocking(Box::new(|| Ok(Response::text("pong")))))
/// })
/// .with_docs("Tests that the server answers.")
/// .with_response(<&str>::SPEC)
/// .with_arguments(&[])
/// .with_effect_if(&[EffectIf::new("reset", Effect::Write)])
/// .with_runtime(Runtime::Blocking)
/// .with_timeout(Duration::from_secs(1))
/// .with_deny_unknown(true)
/// .with_sensitive(true)
/// .with_status(|_| admin_runtime::describe::EndpointStatus::new())
/// .with_resource(|_| Ok(Resource::new("held until the server stops")));
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let post = PING.with_method(Method::Post).with_path("/pong").with_effect(Effect::Write);
/// let post = post.with_handler(PING.handler()).with_source(PING.source());
/// let server = AdminServer::builder().endpoint(PING).endpoint(post).build()?;
/// assert_eq!(server.test_client().get("/ping").await.text(), "pong");
/// assert_eq!(server.test_client().post("/pong").await.text(), "pong");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EndpointDescriptor {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) effect: Effect,
    pub(crate) effect_if: &'static [EffectIf],
    pub(crate) docs: &'static str,
    pub(crate) arguments: &'static [ArgumentDescriptor],
    pub(crate) response: ResponseSpec,
    pub(crate) timeout: Option<Duration>,
    pub(crate) runtime: Runtime,
    pub(crate) deny_unknown: bool,
    pub(crate) sensitive: bool,
    pub(crate) status: Option<StatusFn>,
    pub(crate) resource: Option<ResourceFn>,
    pub(crate) source: SourceLocation,
    pub(crate) handler: Handler,
}

impl EndpointDescriptor {
    /// An endpoint without docs, arguments and time limit of its own, which replies 200 with any
    /// media type and runs on the user runtime. `GET` and `HEAD` have the effect
    /// `read`, other methods `write`.
    #[must_use]
    pub const fn new(
        method: Method,
        path: &'static str,
        source: SourceLocation,
        handler: Handler,
    ) -> Self {
        Self {
            method,
            path,
            effect: match method {
                Method::Get | Method::Head => Effect::Read,
                _ => Effect::Write,
            },
            effect_if: &[],
            docs: "",
            arguments: &[],
            response: ResponseSpec::new(None),
            timeout: None,
            runtime: Runtime::User,
            deny_unknown: false,
            sensitive: false,
            status: None,
            resource: None,
            source,
            handler,
        }
    }

    /// The method it answers.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The path as written: `/cache/{tier}`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// What it changes when no `effect_if` applies.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Query parameters that raise the effect.
    #[must_use]
    pub const fn effect_if(&self) -> &'static [EffectIf] {
        self.effect_if
    }

    /// What it changes when every `effect_if` applies.
    pub(crate) fn highest_effect(&self) -> Effect {
        let raised = self.effect_if.iter().map(|rule| rule.effect);
        raised.fold(self.effect, Effect::max)
    }

    /// The doc comment: the first paragraph is the summary, the rest the description.
    #[must_use]
    pub const fn docs(&self) -> &'static str {
        self.docs
    }

    /// The arguments of the function, in order.
    #[must_use]
    pub const fn arguments(&self) -> &'static [ArgumentDescriptor] {
        self.arguments
    }

    /// What is known of its reply.
    #[must_use]
    pub const fn response(&self) -> ResponseSpec {
        self.response
    }

    /// How long it may run; `None` is the server's limit.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Where it runs.
    #[must_use]
    pub const fn runtime(&self) -> Runtime {
        self.runtime
    }

    /// Whether a request with a query parameter that it does not have is answered with 400.
    #[must_use]
    pub const fn deny_unknown(&self) -> bool {
        self.deny_unknown
    }

    /// Whether it shows what an unauthenticated remote client must not see: beyond loopback it needs credentials, even if it
    /// only reads.
    #[must_use]
    pub const fn sensitive(&self) -> bool {
        self.sensitive
    }

    /// The function that returns its status for the index, if it has one.
    #[must_use]
    pub const fn status(&self) -> Option<StatusFn> {
        self.status
    }

    /// What makes the resource that it needs while its server runs, if it needs one.
    #[must_use]
    pub const fn resource(&self) -> Option<ResourceFn> {
        self.resource
    }

    /// Where it was written.
    #[must_use]
    pub const fn source(&self) -> SourceLocation {
        self.source
    }

    /// Takes the arguments out of the request and returns the task to run.
    #[must_use]
    pub const fn handler(&self) -> Handler {
        self.handler
    }

    /// Sets the method; the effect stays.
    #[must_use]
    pub const fn with_method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Sets the path.
    #[must_use]
    pub const fn with_path(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    /// Sets the effect.
    #[must_use]
    pub const fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Sets the query parameters that raise the effect.
    #[must_use]
    pub const fn with_effect_if(self, effect_if: &'static [EffectIf]) -> Self {
        Self { effect_if, ..self }
    }

    /// Sets the doc comment, as Markdown.
    #[must_use]
    pub const fn with_docs(self, docs: &'static str) -> Self {
        Self { docs, ..self }
    }

    /// Sets the arguments: `build()` compares them with the path.
    #[must_use]
    pub const fn with_arguments(self, arguments: &'static [ArgumentDescriptor]) -> Self {
        Self { arguments, ..self }
    }

    /// Sets what is known of the reply.
    #[must_use]
    pub const fn with_response(self, response: ResponseSpec) -> Self {
        Self { response, ..self }
    }

    /// Sets a time limit, which replaces the server's.
    #[must_use]
    pub const fn with_timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }

    /// Sets the runtime.
    #[must_use]
    pub const fn with_runtime(self, runtime: Runtime) -> Self {
        Self { runtime, ..self }
    }

    /// Sets whether query parameters that it does not have are a 400; they are ignored by default.
    #[must_use]
    pub const fn with_deny_unknown(self, deny_unknown: bool) -> Self {
        Self {
            deny_unknown,
            ..self
        }
    }

    /// Sets whether it needs credentials beyond loopback even if it only reads; by default reads need
    /// none.
    #[must_use]
    pub const fn with_sensitive(self, sensitive: bool) -> Self {
        Self { sensitive, ..self }
    }

    /// Sets the function that returns the status for the index.
    #[must_use]
    pub const fn with_status(self, status: StatusFn) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// Sets the function that makes the resource, which the server holds while it runs.
    #[must_use]
    pub const fn with_resource(self, resource: ResourceFn) -> Self {
        Self {
            resource: Some(resource),
            ..self
        }
    }

    /// Sets the source location.
    #[must_use]
    pub const fn with_source(self, source: SourceLocation) -> Self {
        Self { source, ..self }
    }

    /// Sets the handler.
    #[must_use]
    pub const fn with_handler(self, handler: Handler) -> Self {
        Self { handler, ..self }
    }

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
/// let runtimes = server.registry().endpoints().iter().map(|endpoint| endpoint.runtime());
/// assert!(runtimes.eq([Runtime::User, Runtime::Blocking, Runtime::Admin]));
/// # Ok::<(), admin_runtime::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// On the admin runtime: only for handlers that never block.
    Admin,
    /// An async handler on the user runtime (the default of `async fn`).
    User,
    /// A sync handler on the bounded pool of threads (the default of `fn`).
    Blocking,
}

/// Takes typed arguments out of a request; fails with the answer to a bad request.
///
/// [`Builder`](crate::Builder) shows an example.
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

/// What a [`Handler`] returns.
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
#[non_exhaustive]
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
