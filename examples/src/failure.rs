//! Errors at start, as users of the programs read them.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use admin_endpoints::{loglevel::InstallError, metrics};
use admin_runtime::StartError;
use admin_runtime::listener::ListenError;
use cache_engine::ConfigError;

/// An error at start. `main` returns it: one line on stderr and exit status 1.
pub enum Failure {
    /// The admin server cannot listen everywhere that it is to.
    Listen(Vec<ListenError>),
    /// The file with the token cannot be read.
    TokenFile {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Any other error.
    Other(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(problems) => {
                let shown = |problem: &ListenError| {
                    let is_of_files = problem.source().is_none();
                    let advice = match problem.listener().parse::<SocketAddr>() {
                        Ok(_) if is_of_files => "see --tls-cert, --tls-key and --client-ca",
                        Ok(_) => "choose another with --host and --port, port 0 takes a free one",
                        Err(_) => "choose another with --unix, or see the socket unit of --systemd",
                    };
                    let (listener, reason) = (problem.listener(), problem.reason());
                    format!("cannot listen on {listener}: {reason}; {advice}")
                };
                let problems: Vec<_> = problems.iter().map(shown).collect();
                f.write_str(&problems.join("\nError: "))
            }
            Self::TokenFile { path, source } => {
                write!(f, "cannot read --token-file {}: {source}", path.display())
            }
            Self::Other(error) => error.fmt(f),
        }
    }
}

// `main` prints errors with Debug.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen(problems) => problems.first()?.source(),
            Self::TokenFile { source, .. } => Some(source),
            Self::Other(error) => error.source(),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Listen { problems, .. } => Self::Listen(problems),
            other => Self::Other(other.into()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Other(error.into())
    }
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        Self::Other(error.into())
    }
}

impl From<metrics::InstallError> for Failure {
    fn from(error: metrics::InstallError) -> Self {
        Self::Other(error.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Other(error.into())
    }
}
