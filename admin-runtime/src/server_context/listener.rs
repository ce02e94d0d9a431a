//! One listener of one server: its rules, and the endpoints that are there.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::{EndpointSet, RoutedEndpoint, ServerContext};
use super::endpoint::ServedEndpoint;
use crate::endpoint::Method;
use crate::guard::{Exposure, ListenerPolicy};
use crate::registry::{RouteError, Router};
use crate::request::ListedEndpoints;

/// What all connections of one listener share.
#[derive(Debug)]
pub(crate) struct ServedListener {
    pub(crate) policy: ListenerPolicy,
    only: Option<OnlyEndpoints>,
}

/// The endpoints of a listener that has a list of them.
#[derive(Debug)]
struct OnlyEndpoints {
    router: Router<Arc<ServedEndpoint>>,
    listed: Arc<ListedEndpoints>,
}

impl ServedListener {
    /// One with these endpoints, or with all of the server.
    pub(crate) fn new(
        context: &ServerContext,
        policy: ListenerPolicy,
        only: Option<&EndpointSet>,
    ) -> Self {
        let only = only.map(|only| OnlyEndpoints {
            router: context.router_of(only),
            listed: Arc::new(listed(only)),
        });
        Self { policy, only }
    }

    /// That of requests that come over no socket of the server.
    pub(crate) fn without_socket(exposure: Exposure) -> Arc<Self> {
        Arc::new(Self {
            policy: ListenerPolicy::without_socket(exposure),
            only: None,
        })
    }

    /// Finds the endpoint for a method and a raw path without its leading slash, which may be what
    /// a mount leaves of it.
    pub(crate) fn route(
        &self,
        context: &ServerContext,
        method: &http::Method,
        path: &str,
    ) -> Result<RoutedEndpoint, RouteError> {
        match &self.only {
            Some(only) => only.router.lookup(Method::from_http(method), path),
            None => context.route(method, path),
        }
    }

    /// The endpoints that the index and the OpenAPI document show; `None` if they are all.
    pub(crate) fn listed(&self) -> Option<&Arc<ListedEndpoints>> {
        self.only.as_ref().map(|only| &only.listed)
    }
}

fn listed(only: &EndpointSet) -> ListedEndpoints {
    let names = only.iter().map(|(method, path)| (method.as_str(), *path));
    names.collect::<BTreeSet<_>>()
}
