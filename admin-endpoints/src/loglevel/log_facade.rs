//! Whether the `log` facade obeys the levels.

use serde::Serialize;

/// Whether records of the `log` facade obey the levels.
///
/// ```
/// use admin_endpoints::loglevel::LogFacade;
///
/// // In `GET /loglevel?format=json`:
/// assert_eq!(serde_json::to_string(&LogFacade::Bridged)?, r#""bridged""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFacade {
    /// Records are sent to the subscriber and obey. The maximum level of `log` follows the levels.
    Bridged,
    /// Records do not obey: these levels are not installed, or the program has its own logger,
    /// which is left as it is.
    Foreign,
}
