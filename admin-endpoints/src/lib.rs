//! The common routes of an admin server, written with the public macros like anybody's.
//!
//! | route | is |
//! |---|---|
//! | `GET /env` | the environment of the process, secrets masked |
//! | `GET /periodic-threads`, `/periodic-threads/{thread_name}`, `/periodic-threads-health` | the periodic threads of the server |
//! | `GET /threads` | every thread with its stack |
//!
//! A binary has them by naming this crate: `admin_runtime::link!(admin_endpoints);`. Each is a
//! cargo feature, all on by default; `.exclude("/env")` takes one off a server.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "env")]
pub mod env;
#[cfg(feature = "periodic-threads")]
pub mod periodic_threads;
#[cfg(feature = "threads")]
pub mod threads;

pub use admin_runtime::{admin_endpoint, periodic};
