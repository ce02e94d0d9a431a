//! What all requests of one server share.

mod concurrency;
mod request_metrics;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub(crate) use self::concurrency::ConcurrencyLimit;
pub(crate) use self::request_metrics::{RequestMetrics, UNMATCHED, describe};

use crate::guard::{Authenticator, Hosts};
use crate::limits::Limits;
use crate::periodic::PeriodicThreads;
use crate::registry::Registry;
use crate::request::Services;

/// One admin context: endpoints, state, settings, guards. Two servers share nothing of it.
pub(crate) struct ServerContext {
    pub(crate) registry: Registry,
    pub(crate) services: Arc<Services>,
    pub(crate) hosts: Hosts,
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
    pub(crate) limits: Limits,
    pub(crate) concurrency: ConcurrencyLimit,
    pub(crate) request_metrics: RequestMetrics,
    pub(crate) periodic: PeriodicThreads,
    /// The runtime for users' handlers, once the server has started.
    pub(crate) users: OnceLock<tokio::runtime::Handle>,
}

impl fmt::Debug for ServerContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerContext")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
