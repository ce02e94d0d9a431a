//! What a probe is told about one check.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::kind::CheckKind;

/// The state of one health check at one moment, as `/livez` and `/readyz` show it.
///
/// ```standalone_crate
/// use admin_runtime::health::{CheckKind, CheckStatus};
/// use admin_runtime::{AdminServer, health_check};
///
/// #[health_check]
/// fn database() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?; // its checks are not started
/// let reports = server.health_checks().reports(CheckKind::Ready);
/// let names: Vec<_> = reports.iter().map(|report| report.name).collect();
/// assert_eq!(names, ["accepting", "database", "periodic-high"]);
/// assert_eq!(reports[1].status, CheckStatus::Failed);
/// let message = reports[1].message.clone().unwrap_or_default();
/// assert!(message.starts_with("has not run yet: a mounted server"));
/// let json = serde_json::to_value(&reports[1])?;
/// assert_eq!(json, serde_json::json!({
///     "name": "database", "kind": "ready", "status": "failed", "message": message,
///     "duration_ms": null, "age_ms": null,
/// }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// The name of the check.
    pub name: &'static str,
    /// Which probe asks it.
    pub kind: CheckKind,
    /// Whether it is healthy.
    pub status: CheckStatus,
    /// Why it failed.
    pub message: Option<String>,
    /// How long the last run took; none before its end, and none of a built-in check. Serialised in
    /// milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Option<Duration>,
    /// The time since the last run ended. Serialised in milliseconds.
    #[serde(rename = "age_ms", serialize_with = "milliseconds")]
    pub age: Option<Duration>,
}

/// What counts for the probe.
///
/// ```
/// use admin_runtime::health::CheckStatus;
///
/// assert_eq!(serde_json::to_string(&CheckStatus::Excluded)?, r#""excluded""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CheckStatus {
    /// Healthy.
    Ok,
    /// Not healthy: the probe fails.
    Failed,
    /// The client asked the probe to ignore it.
    Excluded,
}

impl CheckReport {
    /// A check that has no runs.
    pub(super) fn built_in(name: &'static str, kind: CheckKind, failure: Option<String>) -> Self {
        Self {
            name,
            kind,
            status: CheckStatus::from_failure(failure.is_some()),
            message: failure,
            duration: None,
            age: None,
        }
    }
}

impl CheckStatus {
    pub(super) fn from_failure(failed: bool) -> Self {
        if failed { Self::Failed } else { Self::Ok }
    }
}

/// Milliseconds with three places.
fn milliseconds<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    value
        .map(|value| (value.as_secs_f64() * 1e6).round() / 1e3)
        .serialize(serializer)
}
