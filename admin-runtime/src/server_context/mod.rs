//! What all requests of one server share.

mod blocking_pool;
mod concurrency;
mod endpoint;
mod metric_keys;
mod request_metrics;
mod resources;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub(crate) use self::blocking_pool::{KeptBlockingThread, SendReply};
pub(crate) use self::endpoint::ServedEndpoint;
pub(crate) use self::request_metrics::{Answered, declared_path, describe};
pub(crate) use self::resources::{ResourceFailure, Resources};

use self::blocking_pool::BlockingPool;
use self::concurrency::ConcurrencyLimit;
use self::request_metrics::RequestMetrics;
use crate::audit_log::AuditLog;
use crate::endpoint::{Method, PathPattern};
use crate::guard::{Credentials, Hosts};
use crate::health::HealthChecks;
use crate::limits::Limits;
use crate::periodic::PeriodicThreads;
use crate::registry::{Matched, Registry, RouteError, Router};
use crate::request::Services;
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
    pub(crate) metrics: RequestMetrics,
    pub(crate) resources: Resources,
    pub(crate) blocking_pool: BlockingPool,
    pub(crate) user_runtime_state: Arc<UserRuntimeState>,
    pub(crate) audit_log: AuditLog,
    router: Router<Arc<ServedEndpoint>>,
}

/// The endpoints whose reads are answered without credentials.
pub(crate) type PublicEndpoints = BTreeSet<(Method, &'static str)>;

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
    pub(crate) public: PublicEndpoints,
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
        Self {
            router: router(&registry, &limits, &public),
            registry,
            periodic,
            health_checks,
            services: Arc::new(services.with(audit_log.clone())),
            audit_log,
            hosts,
            credentials,
            concurrency: ConcurrencyLimit::new(limits.max_blocking_handlers),
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
    ) -> Result<Matched<Arc<ServedEndpoint>>, RouteError> {
        self.router.lookup(Method::from_http(method), path)
    }
}

/// The registry has parsed every path and refused every collision.
fn router(
    registry: &Registry,
    limits: &Limits,
    public: &PublicEndpoints,
) -> Router<Arc<ServedEndpoint>> {
    let mut router = Router::default();
    for descriptor in registry.endpoints() {
        if let Ok(pattern) = PathPattern::parse(descriptor.path) {
            let is_public = public.contains(&(descriptor.method, descriptor.path));
            let max_blocking = limits.max_blocking_handlers_per_endpoint;
            let endpoint = ServedEndpoint::new(*descriptor, max_blocking, is_public);
            let _ = router.insert(&pattern, descriptor.method, Arc::new(endpoint));
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
