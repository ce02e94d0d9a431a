//! Probes: whether the program is alive, and whether it may receive work.
//!
//! | route | result |
//! |---|---|
//! | `GET /livez` | 200 while every live check is ok, otherwise 503 |
//! | `GET /readyz` | the same for ready checks |
//! | `GET /livez/{check}`, `GET /readyz/{check}` | one check |
//!
//! The formats are those of the API server of Kubernetes: `ok`, or with `?verbose` and after a failure
//! one line for each check; `?exclude=NAME` ignores a check. With `Accept: application/json` the
//! checks come as JSON, and with `?report` the status is then 200 also after a failure, for pages and scripts
//! that read them. The checks are those of [`health_check`](macro@admin_runtime::health_check); a
//! probe reads their last results and waits for none.
//!
//! Why a check failed is shown on loopback and to callers with credentials; others read
//! `reason withheld`.

mod handler;
mod quoted;
mod report;

pub use self::report::ProbeReport;
