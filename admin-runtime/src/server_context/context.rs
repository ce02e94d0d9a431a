//! What the requests of one server share.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::blocking_pool::BlockingPool;
use super::body_budget::BodyBudget;
use super::concurrency::ConcurrencyLimit;
use super::endpoint::ServedEndpoint;
use super::request_metrics::RequestMetrics;
use super::resources::Resources;
use crate::audit_log::AuditLog;
use crate::endpoint::{Effect, EndpointDescriptor, Method, PathPattern};
use crate::guard::{Credentials, Hosts};
use crate::health::HealthChecks;
use crate::limits::Limits;
use crate::periodic::PeriodicThreads;
use crate::registry::{Matched, Registry, RouteError, Router};
use crate::request::{ListedEndpoints, Services};
use crate::user_runtime::UserRuntimeState;

/// One server: endpoints, state, settings, guards. Two servers share nothing of it.
pub(crate) struct ServerContext {
    pub(crate) registry: Registry,
    pub(crate) periodic: PeriodicThreads,
    pub(crate) health_checks: HealthChecks,
    pub(crate) services: Arc<Services>,
    pub(crate) hosts: Hosts,
    pub(crate) credentials: Credentials,
    pub(crate) limits: Limits,
    /// The prefix that is stripped from each path before the server sees it; may be empty.
    pub(crate) mount_prefix: String,
    pub(crate) concurrency: ConcurrencyLimit,
    pub(crate) body_budget: BodyBudget,
    pub(crate) metrics: RequestMetrics,
    pub(crate) resources: Resources,
    pub(crate) blocking_pool: BlockingPool,
    pub(crate) user_runtime_state: Arc<UserRuntimeState>,
    pub(crate) audit_log: AuditLog,
    endpoints: Vec<Arc<ServedEndpoint>>,
    router: Router<Arc<ServedEndpoint>>,
}

/// Some endpoints of a server, by method and declared path.
pub(crate) type EndpointSet = BTreeSet<(Method, &'static str)>;

/// The endpoint that answers a request.
pub(crate) type RoutedEndpoint = Matched<Arc<ServedEndpoint>>;

/// What a server is made from.
pub(crate) struct ServerParts {
    pub(crate) name: Option<String>,
    pub(crate) registry: Registry,
    pub(crate) periodic: PeriodicThreads,
    pub(crate) health_checks: HealthChecks,
    pub(crate) services: Services,
    pub(crate) hosts: Hosts,
    pub(crate) credentials: Credentials,
    pub(crate) limits: Limits,
    pub(crate) mount_prefix: String,
    pub(crate) user_runtime_state: Arc<UserRuntimeState>,
    /// Those whose reads are answered without credentials.
    pub(crate) public: EndpointSet,
}

impl ServerContext {
    pub(crate) fn new(parts: ServerParts) -> Self {
        let ServerParts {
            name,
            registry,
            periodic,
            health_checks,
            services,
            hosts,
            credentials,
            limits,
            mount_prefix,
            user_runtime_state,
            public,
        } = parts;
        let audit_log = AuditLog::default();
        let endpoints = served(&registry, &limits, &public);
        Self {
            router: router(&endpoints),
            endpoints,
            registry,
            periodic,
            health_checks,
            services: Arc::new(services.with(audit_log.clone())),
            audit_log,
            hosts,
            credentials,
            concurrency: ConcurrencyLimit::new(limits.max_blocking_handlers),
            body_budget: BodyBudget::new(&limits),
            limits,
            mount_prefix,
            metrics: RequestMetrics::new(name),
            resources: Resources::default(),
            blocking_pool: BlockingPool::new(),
            user_runtime_state,
        }
    }

    /// Finds the endpoint for a method and a raw path without its leading slash, which may be what
    /// a mount leaves of it.
    pub(crate) fn route(
        &self,
        method: &http::Method,
        path: &str,
    ) -> Result<RoutedEndpoint, RouteError> {
        self.router.lookup(Method::from_http(method), path)
    }

    /// The paths of the reads that a listener with these endpoints answers without credentials, in order.
    pub(crate) fn public_paths(&self, listed: Option<&ListedEndpoints>) -> Vec<&'static str> {
        let public = self.endpoints.iter().filter(|endpoint| {
            let EndpointDescriptor {
                effect,
                sensitive,
                method,
                path,
                ..
            } = endpoint.descriptor;
            let is_listed =
                || listed.is_none_or(|listed| listed.contains(&(method.as_str(), path)));
            endpoint.is_public && effect == Effect::Read && !sensitive && is_listed()
        });
        let mut paths: Vec<_> = public.map(|endpoint| endpoint.descriptor.path).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Whether a client without a certificate may have something to ask for.
    #[cfg(feature = "tls")]
    pub(crate) fn answers_without_certificate(&self) -> bool {
        let mut endpoints = self.endpoints.iter();
        self.credentials.are_required() || endpoints.any(|endpoint| endpoint.is_public)
    }

    /// A router of some of its endpoints.
    pub(super) fn router_of(&self, some: &EndpointSet) -> Router<Arc<ServedEndpoint>> {
        router(self.endpoints.iter().filter(|endpoint| {
            let descriptor = &endpoint.descriptor;
            some.contains(&(descriptor.method, descriptor.path))
        }))
    }
}

fn served(registry: &Registry, limits: &Limits, public: &EndpointSet) -> Vec<Arc<ServedEndpoint>> {
    let max_blocking = limits.max_blocking_handlers_per_endpoint;
    let endpoints = registry.endpoints().iter().map(|descriptor| {
        let is_public = public.contains(&(descriptor.method, descriptor.path));
        Arc::new(ServedEndpoint::new(*descriptor, max_blocking, is_public))
    });
    endpoints.collect()
}

/// The registry has parsed every path and refused every collision.
fn router<'a>(
    endpoints: impl IntoIterator<Item = &'a Arc<ServedEndpoint>>,
) -> Router<Arc<ServedEndpoint>> {
    let mut router = Router::default();
    for endpoint in endpoints {
        let descriptor = &endpoint.descriptor;
        if let Ok(pattern) = PathPattern::parse(descriptor.path) {
            let _ = router.insert(&pattern, descriptor.method, Arc::clone(endpoint));
        }
    }
    router
}

impl fmt::Debug for ServerContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerContext")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
