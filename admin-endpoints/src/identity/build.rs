//! `GET /build`

use admin_runtime::build_info::BuildInfo;
use admin_runtime::{Pretty, admin_endpoint};
use serde::Serialize;

use super::build_id::build_id;
use super::process::ProcessFacts;
use crate::executable::executable_name;

/// The reply of `GET /build`; what is unknown is `null`.
///
/// ```
/// use admin_endpoints::identity::BuildReport;
///
/// let build = BuildReport::from_process();
/// assert_eq!(build.pid, std::process::id());
/// assert!(build.name.is_some(), "of the executable, without `build_info!`");
/// assert!(serde_json::to_value(&build)?["uptime_seconds"].is_u64());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BuildReport {
    /// The name that `build_info!` registered, else that of the executable.
    pub name: Option<String>,
    /// The version that `build_info!` registered.
    pub version: Option<&'static str>,
    /// The compiler: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: Option<&'static str>,
    /// `release` or `debug`.
    pub profile: Option<&'static str>,
    /// The target of the compiler: `x86_64-unknown-linux-gnu`.
    pub target: Option<&'static str>,
    /// The build id of the executable, in hexadecimal digits.
    pub build_id: Option<String>,
    /// The commit that `build_info!` registered.
    pub git: Option<&'static str>,
    /// When the process started: RFC 3339 in UTC.
    pub started: Option<String>,
    /// For how long it runs, in seconds.
    pub uptime_seconds: Option<u64>,
    /// Its id.
    pub pid: u32,
    /// The name of the machine.
    pub hostname: Option<String>,
}

impl BuildReport {
    /// What is known about this program and its process.
    #[must_use]
    pub fn from_process() -> Self {
        let build = BuildInfo::linked();
        let process = ProcessFacts::read();
        Self {
            name: build.name.map(str::to_owned).or_else(executable_name),
            version: build.version,
            rustc: build.rustc,
            profile: build.profile,
            target: build.target,
            build_id: build_id(),
            git: build.git,
            started: process.started,
            uptime_seconds: process.uptime_seconds,
            pid: std::process::id(),
            hostname: process.hostname,
        }
    }
}

/// Get the name, the build and the start time of the program.
#[admin_endpoint(path = "/build", runtime = "admin")]
async fn build() -> Pretty<BuildReport> {
    Pretty(BuildReport::from_process())
}
