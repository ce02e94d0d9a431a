//! Why a server did not start.

use std::error::Error;
use std::fmt;
use std::io;

use crate::health::HealthStartError;
use crate::listener::ListenError;
use crate::periodic::PeriodicStartError;
use crate::registry::BuildError;
use crate::server_context::ResourceFailure;

/// Why a server did not start.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, StartError, admin_endpoint};
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let error = AdminServer::builder().bind(taken.local_addr()?).start().unwrap_err();
/// assert!(matches!(error, StartError::Listen { .. }));
/// let advice = "choose another address with bind(..), port 0 takes a free one";
/// assert!(error.to_string().ends_with(advice));
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub enum StartError {
    /// It cannot be built.
    Build(BuildError),
    /// There are listeners that cannot listen.
    #[non_exhaustive]
    Listen {
        /// All of them, in the order of the builder.
        problems: Vec<ListenError>,
    },
    /// A thread or runtime cannot be started.
    Runtime(io::Error),
    /// What an endpoint needs while the server runs, its `resource`, cannot be started.
    #[non_exhaustive]
    Resource {
        /// The endpoint: `GET /threads`.
        endpoint: String,
        /// What its function said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The periodic threads cannot be started.
    Periodic(PeriodicStartError),
    /// The health checks cannot be started.
    HealthChecks(HealthStartError),
}

impl From<BuildError> for StartError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<ResourceFailure> for StartError {
    fn from(failure: ResourceFailure) -> Self {
        let ResourceFailure { endpoint, source } = failure;
        Self::Resource { endpoint, source }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Listen { problems } => {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                let problems = problems.join("\nnor on ");
                write!(f, "the admin server cannot listen on {problems}")
            }
            Self::Resource { endpoint, source } => {
                write!(f, "the admin server cannot start {endpoint}: {source}")
            }
            Self::Periodic(error) => write!(f, "the admin server cannot start: {error}"),
            Self::HealthChecks(error) => write!(f, "the admin server cannot start: {error}"),
            Self::Runtime(error) => write!(f, "the admin server cannot start its threads: {error}"),
        }
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Build(error) => Some(error),
            Self::Periodic(error) => Some(error),
            Self::HealthChecks(error) => Some(error),
            Self::Resource { source, .. } => Some(&**source),
            Self::Listen { problems } => problems.first()?.source(),
            Self::Runtime(source) => Some(source),
        }
    }
}
