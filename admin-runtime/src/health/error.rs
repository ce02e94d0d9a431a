//! Why the health checks of a server cannot be started.

use std::fmt;
use std::io;

/// Why the health checks of a server did not start.
///
/// ```standalone_crate
/// use admin_runtime::health::HealthStartError;
/// use admin_runtime::{AdminServer, health_check};
///
/// #[health_check]
/// async fn database() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let error = server.health_checks().start().unwrap_err(); // no runtime here
/// assert!(matches!(&error, HealthStartError::NoRuntime { check, .. } if check == "database"));
/// assert_eq!(
///     error.to_string(),
///     "health check \"database\" is async and there is no tokio runtime here: start the checks inside one",
/// );
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub enum HealthStartError {
    /// They are already running, or an earlier run has not ended yet.
    AlreadyStarted,
    /// A check is async and there is no tokio runtime.
    #[non_exhaustive]
    NoRuntime {
        /// The check.
        check: String,
    },
    /// The system cannot create a thread.
    Spawn(io::Error),
}

impl fmt::Display for HealthStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted => {
                f.write_str("the health checks of this server are already running")
            }
            Self::NoRuntime { check } => write!(
                f,
                "health check {check:?} is async and there is no tokio runtime here: start the checks inside one"
            ),
            Self::Spawn(source) => {
                write!(f, "cannot create an OS thread for health checks: {source}")
            }
        }
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for HealthStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for HealthStartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Spawn(source) => Some(source),
            _ => None,
        }
    }
}
