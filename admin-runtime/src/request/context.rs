//! One request, past the guards.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::uri::PathAndQuery;

use super::{
    ArgumentDescriptor, ArgumentLocation, Audit, Caller, QueryParameters, RequestId, Services,
    StopSignal,
};
use crate::server_state::ServerState;

/// One request that has passed the guards; extractors take their values from it.
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::{AdminError, RequestContext, Extractor};
/// use admin_runtime::describe::ArgumentDescriptor;
/// use admin_runtime::health::CheckKind;
///
/// /// Facts about a request and its server.
/// struct Known(String);
///
/// impl Extractor for Known {
///     fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
///         let (id, caller, headers) = (request.request_id(), request.caller(), request.headers().len());
///         let sent = format!("{id} of {caller}, {headers} headers, {} bytes", request.body().len());
///         let (state, config) = (request.state::<u8>(), request.config::<u16>());
///         let threads = request.periodic_threads().all().len();
///         let here = request.registry().endpoints().len();
///         let live = request.health_checks().is_healthy(CheckKind::Live);
///         Ok(Self(format!(
///             "{sent}; {state:?}, {config:?}, {here} endpoints, {threads} threads, live: {live}"
///         )))
///     }
/// }
///
/// # #[admin_endpoint(path = "/known")]
/// # async fn known(known: Known) -> String {
/// #     known.0
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().state(3_u8).build()?;
/// let reply = server.test_client().get("/known").header("x-request-id", "a7").await;
/// let known = "a7 of unknown, 2 headers, 0 bytes; Some(3), None, 3 endpoints, 0 threads, live: true";
/// assert_eq!(reply.text(), known);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RequestContext {
    pub(crate) services: Arc<Services>,
    /// As sent, the prefix of a mount included where the mount leaves it.
    pub(crate) path_and_query: PathAndQuery,
    /// The values of the path's parameters.
    pub(crate) params: Vec<String>,
    pub(crate) query: QueryParameters,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) request_id: RequestId,
    pub(crate) caller: Caller,
    /// Whether the connection is one of loopback; it may be that of a proxy.
    pub(crate) is_loopback: bool,
    /// What there is for this request; `None` if it is everything.
    pub(crate) listed: Option<Arc<ListedEndpoints>>,
    /// `None` for a read.
    pub(crate) audit: Option<Audit>,
}

/// Methods and declared paths.
pub(crate) type ListedEndpoints = BTreeSet<(&'static str, &'static str)>;

impl RequestContext {
    /// The headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The whole body; empty unless an argument is of kind [`Body`](crate::describe::ArgumentKind::Body).
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The id of the request.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Who sent it.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The value given to `builder().state(..)`, if there is one of this type.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.services.state().state()
    }

    /// The value given to `builder().config(..)`, if there is one of this type.
    #[must_use]
    pub fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.services.state().config()
    }

    /// Returns when the server stops, for a reply that would otherwise go on: the server waits for it
    /// until its `graceful_shutdown_timeout`. A mounted server never stops.
    ///
    /// ```
    /// use admin_runtime::RequestContext;
    ///
    /// async fn wait(request: &RequestContext) -> &'static str {
    ///     request.server_stop().await;
    ///     "the server stops"
    /// }
    /// ```
    pub fn server_stop(&self) -> impl Future<Output = ()> + Send + use<> {
        self.service::<StopSignal>().received()
    }

    /// Everything that the builder was given.
    pub(super) fn server_state(&self) -> &ServerState {
        self.services.state()
    }

    /// The path as sent.
    pub(crate) fn raw_path(&self) -> &str {
        self.path_and_query.path()
    }

    /// A value that every server has.
    pub(crate) fn service<T: 'static>(&self) -> &T {
        self.services.get()
    }

    /// Whether an endpoint of the registry is there for this request.
    pub(crate) fn is_listed(&self, method: &'static str, path: &'static str) -> bool {
        let listed = self.listed.as_ref();
        listed.is_none_or(|listed| listed.contains(&(method, path)))
    }

    pub(super) fn audit(&self) -> Audit {
        self.audit.clone().unwrap_or_default()
    }

    /// The text that counts for a parameter: sent, else the default.
    pub(crate) fn text(&self, argument: &ArgumentDescriptor) -> Option<&str> {
        match argument.location {
            ArgumentLocation::Path(index) => self.params.get(index).map(String::as_str),
            ArgumentLocation::Query => self.query.last(argument.name).or(argument.default),
        }
    }

    /// Every text that was sent for a parameter.
    pub(crate) fn texts<'a>(
        &'a self,
        argument: &'a ArgumentDescriptor,
    ) -> impl Iterator<Item = &'a str> {
        let path = match argument.location {
            ArgumentLocation::Path(index) => self.params.get(index).map(String::as_str),
            ArgumentLocation::Query => None,
        };
        path.into_iter().chain(self.query.all(argument.name))
    }
}
