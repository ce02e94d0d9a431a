//! The common routes of an admin server, written with the public macros, as every user's are.
//!
//! | route | description |
//! |---|---|
//! | `GET /audit` | the last requests that could change something |
//! | `GET /build` | which build of which program this is, and since when it runs |
//! | `GET /config` | the settings that the program shows, secrets masked |
//! | `GET /env` | the environment of the process, secrets masked |
//! | `GET /fleet/instances`, `/fleet/targets`, `/fleet/health`; `PUT`, `DELETE /fleet/instances/{name}`; `PUT /fleet/loglevel` | a directory of instances, their health and their log levels, with the feature `fleet` |
//! | `GET`, `PUT`, `DELETE /loglevel` | shows and sets the level of every logger |
//! | `GET /logs` | log records as they are logged, to each client with a filter of its own |
//! | `GET /metrics` | what the `metrics` facade records, for Prometheus |
//! | `POST /metrics/reset` | sets every counter and gauge to 0 and empties every histogram |
//! | `GET /periodic-threads`, `/periodic-threads/{thread_name}`, `/periodic-threads-health` | the periodic threads of the server |
//! | `GET /livez`, `/readyz`, `/livez/{check}`, `/readyz/{check}` | probes for Kubernetes and load balancers |
//! | `GET /threads` | every thread with its stack |
//! | `GET /debug/pprof/profile`, `/debug/fgprof` and the other paths of Go's profiles | which functions use the CPU, and where threads spend time |
//! | `POST /run_script` | Python against the live process, in a sandbox |
//!
//! A binary has them by naming this crate: `admin_runtime::link!(admin_endpoints);`. Each is a
//! cargo feature, all on by default except `fleet`, `heap-profile` and `page`, a live page for browsers at `GET /`; `.exclude("/env")` removes one from a server.
//!
//! How to write routes of your own, mount the server into an application and put it behind a proxy:
//! [the guide](admin_runtime::guide).
//!
#![doc = include_str!("../docs/setup.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(feature = "audit")]
pub mod audit;
#[cfg(any(feature = "metrics", feature = "run-script", feature = "threads"))]
mod background;
#[cfg(all(
    target_os = "linux",
    any(
        feature = "run-script",
        all(
            feature = "threads",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )
    )
))]
mod descriptor_reserve;
#[cfg(feature = "env")]
pub mod env;
#[cfg(any(feature = "identity", feature = "metrics"))]
mod executable;
#[cfg(feature = "fleet")]
pub mod fleet;
#[cfg(any(feature = "loglevel", feature = "threads"))]
mod format;
#[cfg(feature = "threads")]
mod frames;
#[cfg(all(target_os = "linux", any(feature = "run-script", feature = "threads")))]
mod heap;
#[cfg(feature = "identity")]
pub mod identity;
#[cfg(feature = "loglevel")]
mod log_records;
#[cfg(feature = "loglevel")]
pub mod loglevel;
#[cfg(feature = "logs")]
pub mod logs;
#[cfg(all(target_os = "linux", any(feature = "env", feature = "threads")))]
mod memory;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "periodic-threads")]
pub mod periodic_threads;
#[cfg(feature = "probes")]
pub mod probes;
#[cfg(feature = "profile")]
pub mod profile;
#[cfg(any(feature = "audit", feature = "identity", feature = "loglevel"))]
mod rfc3339;
#[cfg(all(feature = "run-script", target_os = "linux"))]
pub mod script;
#[cfg(any(feature = "logs", feature = "threads"))]
mod source_path;
#[cfg(all(
    feature = "threads",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod stacks;
#[cfg(any(
    feature = "env",
    feature = "loglevel",
    feature = "metrics",
    feature = "threads",
    all(feature = "run-script", target_os = "linux")
))]
mod sync;
#[cfg(feature = "threads")]
pub mod threads;

pub use admin_runtime::{admin_endpoint, health_check, periodic};
