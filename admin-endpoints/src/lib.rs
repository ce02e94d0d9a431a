//! admin-endpoints
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "threads")]
pub mod threads;
