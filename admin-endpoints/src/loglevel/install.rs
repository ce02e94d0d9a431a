//! The levels that `/loglevel` and the `log` facade of a process use.

use std::fmt;
use std::sync::OnceLock;

use tracing::dispatcher;

use super::levels::LogLevels;
use super::log_bridge::install_log_bridge;
use super::log_facade::LogFacade;

/// What main lacks if the process has no levels.
pub(crate) const NOT_INSTALLED_MESSAGE: &str = "Log levels are not installed. Add to main: \
    let levels = admin_endpoints::loglevel::LogLevels::from_spec(\"info\")?; \
    tracing_subscriber::registry().with(levels.filter()).with(tracing_subscriber::fmt::layer()).init(); \
    levels.install()?;";

static INSTALLED_LEVELS: OnceLock<LogLevels> = OnceLock::new();

impl LogLevels {
    /// Makes these the levels of the process, which `/loglevel` shows and sets and which records of
    /// the `log` facade obey. Call it once, after the subscriber is installed.
    ///
    /// If the program has no logger for `log`, this sets one that sends every record to the
    /// subscriber. A logger that does so already, such as the one that `tracing_subscriber` sets
    /// with its feature `tracing-log`, is kept. Any other logger is left as it is.
    ///
    /// # Errors
    ///
    /// [`InstallError`] if the filter is not part of a subscriber, or levels are installed already.
    pub fn install(&self) -> Result<LogFacade, InstallError> {
        if !self.active().in_subscriber() {
            return Err(InstallError::NotInSubscriber);
        }
        if INSTALLED_LEVELS.set(self.clone()).is_err() {
            return Err(InstallError::AlreadyInstalled);
        }
        dispatcher::get_default(|current| self.active().register_subscriber(current));
        self.check_visibility_of_all();
        Ok(install_log_bridge(self.active()))
    }

    /// The levels of the process; `None` before they are installed.
    #[must_use]
    pub fn installed() -> Option<Self> {
        INSTALLED_LEVELS.get().cloned()
    }

    /// Whether records of the `log` facade obey these levels.
    #[must_use]
    pub fn log_facade(&self) -> LogFacade {
        if self.active().controls_log() {
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
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstallError {
    /// No subscriber has the filter, so that setting a level would have no effect.
    NotInSubscriber,
    /// The process has its levels already; [`LogLevels::installed`] returns them.
    AlreadyInstalled,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotInSubscriber => {
                "the log levels are in no subscriber: add `.with(levels.filter())` to it and \
                 install it before `levels.install()`"
            }
            Self::AlreadyInstalled => {
                "the process has its log levels already: `LogLevels::installed()` returns them"
            }
        })
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InstallError {}
