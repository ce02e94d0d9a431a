//! One endpoint of one server: what is registered, and what its requests share.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::metric_keys::EndpointKeys;
use crate::endpoint::EndpointDescriptor;
use crate::request::ArgumentKind;

/// An endpoint as a server serves it.
#[derive(Debug)]
pub(crate) struct ServedEndpoint {
    pub(crate) descriptor: EndpointDescriptor,
    /// Whether an argument is made from the body.
    pub(crate) reads_body: bool,
    /// Whether its reads are answered without credentials.
    pub(crate) is_public: bool,
    /// Whether it is `GET /` of this crate.
    pub(crate) is_index: bool,
    /// Bounds its sync handlers that run at once.
    pub(super) permits: Arc<Semaphore>,
    pub(super) metric_keys: EndpointKeys,
}

impl ServedEndpoint {
    pub(super) fn new(
        descriptor: EndpointDescriptor,
        max_blocking: usize,
        is_public: bool,
    ) -> Self {
        let mut kinds = descriptor.arguments.iter().map(|argument| argument.kind);
        Self {
            reads_body: kinds.any(|kind| matches!(kind, ArgumentKind::Body { .. })),
            is_public,
            is_index: descriptor.path == "/" && descriptor.source.crate_name == "admin_runtime",
            permits: Arc::new(Semaphore::new(max_blocking)),
            metric_keys: EndpointKeys::default(),
            descriptor,
        }
    }
}
