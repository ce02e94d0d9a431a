//! The metric keys that an endpoint keeps.

use std::sync::OnceLock;

use metrics::Key;

/// The keys of one endpoint's usual replies: its own method, answered with 200.
#[derive(Debug, Default)]
pub(super) struct EndpointKeys {
    pub(super) duration: OnceLock<Key>,
    pub(super) ok: OnceLock<Key>,
}
