//! `GET /periodic-threads`

use admin_runtime::periodic::{Criticality, Filter, Overview, PeriodicThreads};
use admin_runtime::text::excerpt;
use admin_runtime::{Json, Param, admin_endpoint};

use super::lookup::MAX_QUOTED_CHARS;

/// The `level` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LevelParam(Criticality);

impl Param for LevelParam {
    const EXPECTED: &'static str = "one of critical, high, medium, low";

    fn parse(text: &str) -> Option<Self> {
        Criticality::parse(text).map(Self)
    }

    fn error_message(text: &str) -> Option<String> {
        let words = Criticality::ALL.iter().map(|level| level.as_str());
        let valid = words.collect::<Vec<_>>().join(", ");
        let given = excerpt(text, MAX_QUOTED_CHARS);
        Some(format!("Invalid level: {given}. Valid values: {valid}"))
    }
}

/// List the periodic threads of this server.
///
/// Sorted by name. The summary counts all threads, whatever the filters.
#[admin_endpoint(path = "/periodic-threads", runtime = "admin")]
async fn periodic_threads(
    /// Only threads of this level: critical, high, medium or low.
    level: Option<LevelParam>,
    /// Only threads that are running.
    #[param(default = "false")]
    running_only: bool,
    /// Only threads that are active: starting, waiting or running, without a fault.
    #[param(default = "false")]
    active_only: bool,
    threads: PeriodicThreads,
) -> Json<Overview> {
    let filter = Filter::default()
        .with_level(level.map(|LevelParam(criticality)| criticality))
        .with_running_only(running_only)
        .with_active_only(active_only);
    Json(threads.overview(&filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_accepted_in_any_case() {
        let critical = LevelParam(Criticality::Critical);
        assert_eq!(LevelParam::parse("CRITICAL"), Some(critical));
        assert_eq!(LevelParam::parse("unknown"), None);
    }

    #[test]
    fn invalid_levels_are_quoted_in_part() {
        assert_eq!(
            LevelParam::error_message("unknown").unwrap(),
            "Invalid level: unknown. Valid values: critical, high, medium, low"
        );
        let message = LevelParam::error_message(&"ä".repeat(300)).unwrap();
        let given = format!("{}...", "ä".repeat(MAX_QUOTED_CHARS));
        assert!(message.starts_with(&format!("Invalid level: {given}. Valid")));
    }
}
