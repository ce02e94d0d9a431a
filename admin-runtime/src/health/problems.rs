//! Checks of the linked health checks of a binary.

use super::descriptor::HealthCheckDescriptor;
use crate::registry::Problem;

/// Sorts the checks by kind, name and place, and returns the names that two of a kind have.
pub(crate) fn problems(checks: &mut [HealthCheckDescriptor]) -> Vec<Problem> {
    checks.sort_by_key(|check| (check.settings.kind, check.name, check.source));
    let key = |check: &HealthCheckDescriptor| (check.settings.kind, check.name);
    let twice = checks
        .windows(2)
        .filter(|pair| key(&pair[0]) == key(&pair[1]));
    twice
        .map(|pair| Problem::HealthCheckName {
            kind: pair[0].settings.kind.as_str(),
            name: pair[0].name,
            first: pair[0].source,
            second: pair[1].source,
        })
        .collect()
}
