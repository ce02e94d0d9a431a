//! admin-endpoints
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "metrics")]
pub mod metrics;
