//! Why announcing does not begin.

use std::fmt;

use admin_runtime::periodic::PeriodicStartError;

/// Why an instance is not announced.
///
/// ```standalone_crate
/// use admin_endpoints::fleet::announce;
/// use admin_runtime::AdminServer;
///
/// # admin_runtime::link!(admin_endpoints);
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let announcement = announce("http://127.0.0.1:9000"); // without an address
/// let error = announcement.start(server.periodic_threads()).unwrap_err();
/// let expected = "Invalid address: ''; expected IP:PORT, such as 10.0.0.7:7000 or [2001:db8::7]:7000";
/// assert_eq!(error.to_string(), expected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum AnnounceError {
    /// A value that the directory would refuse, or a file that cannot be used.
    Invalid(String),
    /// The periodic thread cannot be started.
    Thread(PeriodicStartError),
}

impl fmt::Display for AnnounceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => f.write_str(reason),
            Self::Thread(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AnnounceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(_) => None,
            Self::Thread(error) => Some(error),
        }
    }
}
