//! Why a listener cannot listen.

use std::error::Error;
use std::fmt;
use std::io;

/// Why one listener cannot listen.
///
/// ```standalone_crate
/// use admin_runtime::listener::{ListenError, Listener};
/// use admin_runtime::{AdminServer, StartError, admin_endpoint};
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let address = taken.local_addr()?.to_string();
/// let error = AdminServer::builder()
///     .listen(Listener::tcp(&address))
///     .listen(Listener::unix("/nonexistent/admin.sock"))
///     .start()
///     .unwrap_err();
/// let StartError::Listen { problems, .. } = error else { unreachable!() };
/// assert_eq!(problems[0].listener(), address);
/// let unix: &ListenError = &problems[1]; // all of them are reported
/// assert!(unix.reason().contains("No such file or directory"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ListenError {
    listener: String,
    reason: String,
    advice: &'static str,
    source: Option<io::Error>,
}

impl ListenError {
    pub(crate) fn new(
        listener: impl Into<String>,
        reason: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self {
            listener: listener.into(),
            reason: reason.into(),
            advice,
            source: None,
        }
    }

    pub(crate) fn from_io(
        listener: impl Into<String>,
        source: io::Error,
        advice: &'static str,
    ) -> Self {
        Self {
            source: Some(source),
            ..Self::new(listener, String::new(), advice)
        }
    }

    /// The listener: an address, a path, or a name of systemd.
    #[must_use]
    pub fn listener(&self) -> &str {
        &self.listener
    }

    /// What is wrong, without what to do about it.
    #[must_use]
    pub fn reason(&self) -> String {
        match &self.source {
            Some(source) => source.to_string(),
            None => self.reason.clone(),
        }
    }

    pub(crate) fn reason_and_advice(&self) -> String {
        format!("{}; {}", self.reason(), self.advice)
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.listener, self.reason_and_advice())
    }
}

impl Error for ListenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(source)
    }
}
