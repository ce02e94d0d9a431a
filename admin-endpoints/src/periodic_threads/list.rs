//! `GET /periodic-threads`

use admin_runtime::periodic::{Criticality, Filter, Overview, PeriodicThreads};
use admin_runtime::{AdminError, Json, admin_endpoint};

use super::echo;

fn level_of(word: &str) -> Result<Criticality, AdminError> {
    Criticality::parse(word).ok_or_else(|| {
        let valid = Criticality::ALL.map(Criticality::as_str).join(", ");
        AdminError::bad_request(format!(
            "Invalid level: {}. Valid values: {valid}",
            echo(word)
        ))
    })
}

/// The periodic threads of this server.
///
/// Sorted by name. The summary counts all threads, whatever the filters.
#[admin_endpoint(path = "/periodic-threads", runtime = "admin")]
async fn periodic_threads(
    /// Only threads of this level: critical, high, medium or low.
    level: Option<String>,
    /// Only threads that exist and loop.
    #[param(default = "false")]
    running_only: bool,
    /// Only threads that do what they are there for.
    #[param(default = "false")]
    active_only: bool,
    threads: PeriodicThreads,
) -> Result<Json<Overview>, AdminError> {
    let level = level.as_deref().map(level_of).transpose()?;
    let filter = Filter::default()
        .level(level)
        .running_only(running_only)
        .active_only(active_only);
    Ok(Json(threads.overview(&filter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_taken_in_any_case_and_echoed_when_invalid() {
        assert_eq!(level_of("CRITICAL").unwrap(), Criticality::Critical);
        let error = level_of("unknown").unwrap_err();
        assert_eq!(
            error.message(),
            "Invalid level: unknown. Valid values: critical, high, medium, low"
        );
    }
}
