//! admin-endpoints
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "run-script")]
pub mod script;
