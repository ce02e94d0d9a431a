//! `GET /env`: the environment of the live process, secrets masked.

mod cache;
mod config;
mod mask;
mod report;
mod variables;

use admin_runtime::{Config, Pretty, admin_endpoint, audit_mask};

pub use self::config::EnvConfig;
pub use self::report::EnvReport;

// Audit lines have no secrets either.
audit_mask!(EnvConfig, EnvConfig::mask);

/// Get all environment variables of the running process.
///
/// Keys are sorted. Values whose names say that they are secret, and the secret parts of other
/// values, are masked.
#[admin_endpoint(path = "/env", runtime = "admin")]
async fn env(config: Config<EnvConfig>) -> Pretty<EnvReport> {
    Pretty(EnvReport::from_process(&config))
}
