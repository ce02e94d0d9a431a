//! What a listener with TLS is given.

use std::path::PathBuf;

/// Files in PEM, and the clients that are accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsOptions {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_ca: Option<PathBuf>,
    /// Names of client certificates; all that the CA has signed if it is empty.
    pub(crate) allowed_clients: Vec<String>,
}
