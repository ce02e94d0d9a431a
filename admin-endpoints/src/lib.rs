//! The common routes of an admin server, written with the public macros like anybody's.
//!
//! | route | is |
//! |---|---|
//! | `GET /env` | the environment of the process, secrets masked |
//! | `GET /metrics` | what the `metrics` facade records, for Prometheus |
//! | `POST /metrics/reset` | all of it back to zero |
//!
//! A binary has them by naming this crate: `admin_runtime::link!(admin_endpoints);`. Each is a
//! cargo feature, all on by default; `.exclude("/env")` takes one off a server.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "env")]
pub mod env;
#[cfg(feature = "metrics")]
pub mod metrics;

pub use admin_runtime::admin_endpoint;
