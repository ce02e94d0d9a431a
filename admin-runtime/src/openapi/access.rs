//! Who may use a server.

/// Whether a server authenticates its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It does not.
    Open,
    /// Every request carries a bearer token.
    Bearer,
}
