//! The one table of levels that the process and its `/loglevel` use.

use std::fmt;
use std::sync::OnceLock;

use tracing::dispatcher;

use super::bridge::{self, LogFacade};
use super::levels::LogLevels;

static INSTALLED: OnceLock<LogLevels> = OnceLock::new();

impl LogLevels {
    /// Makes these the levels of the process: those that `/loglevel` shows and sets, and that
    /// records of the `log` facade obey. To be called once, after the subscriber is installed.
    ///
    /// Unless the program has a logger for `log` already, this sets one that hands every record to
    /// the subscriber. A logger that leads there already, such as the one that
    /// `tracing_subscriber` sets with its feature `tracing-log`, is kept. Any other is left alone.
    ///
    /// # Errors
    ///
    /// [`InstallError`] when the filter is in no subscriber yet, or levels are installed already.
    pub fn install(&self) -> Result<LogFacade, InstallError> {
        if !self.live().in_subscriber() {
            return Err(InstallError::NotInSubscriber);
        }
        if INSTALLED.set(self.clone()).is_err() {
            return Err(InstallError::AlreadyInstalled);
        }
        dispatcher::get_default(|current| self.live().joined(current));
        Ok(bridge::connect(self.live()))
    }

    /// The levels of the process, once they are installed.
    pub fn installed() -> Option<LogLevels> {
        INSTALLED.get().cloned()
    }

    /// Whether records of the `log` facade obey these levels.
    pub fn log_facade(&self) -> LogFacade {
        if self.live().drives_log() {
            LogFacade::Bridged
        } else {
            LogFacade::Foreign
        }
    }
}

/// Why levels cannot become those of the process.
///
/// ```
/// use admin_endpoints::loglevel::{InstallError, LogLevels};
///
/// let forgotten = LogLevels::from_spec("info")?.install().unwrap_err();
/// assert_eq!(forgotten, InstallError::NotInSubscriber);
/// assert_eq!(
///     forgotten.to_string(),
///     "the log levels are in no subscriber: add `.with(levels.filter())` to it and install it \
///      before `levels.install()`"
/// );
/// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstallError {
    /// No subscriber has the filter, so setting a level would do nothing.
    NotInSubscriber,
    /// The process has its levels already; [`LogLevels::installed`] returns them.
    AlreadyInstalled,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InstallError::NotInSubscriber => {
                "the log levels are in no subscriber: add `.with(levels.filter())` to it and \
                 install it before `levels.install()`"
            }
            InstallError::AlreadyInstalled => {
                "the process has its log levels already: `LogLevels::installed()` returns them"
            }
        })
    }
}

impl std::error::Error for InstallError {}
