//! Authentication by an application's own rules.

use std::fmt;

use http::HeaderMap;

use super::identity::Identity;

/// A caller without valid credentials: answered with 401.
///
/// ```
/// use admin_runtime::HeaderMap;
/// use admin_runtime::auth::{Authenticator, Token, Unauthenticated};
///
/// let result = Token::new("ops", "s3cret").authenticate(&HeaderMap::new());
/// assert_eq!(result, Err(Unauthenticated::new()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unauthenticated(());

impl Unauthenticated {
    /// The error without further detail.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Unauthenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no valid credentials")
    }
}

impl std::error::Error for Unauthenticated {}

/// Identifies callers by their headers.
///
/// A server with an authenticator asks it about every request, reads and local ones included. A
/// request passes if one of its tokens and authenticators accepts it.
///
/// ```
/// use admin_runtime::HeaderMap;
/// use admin_runtime::auth::{Authenticator, Identity, Unauthenticated};
///
/// /// Trusts the user name that a proxy in front of the server has checked.
/// struct Proxy;
///
/// impl Authenticator for Proxy {
///     fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
///         let user = headers.get("x-user").and_then(|user| user.to_str().ok());
///         user.map(Identity::new).ok_or_else(Unauthenticated::new)
///     }
/// }
///
/// assert_eq!(Proxy.authenticate(&HeaderMap::new()), Err(Unauthenticated::new()));
/// assert_eq!(Proxy.problem(), None); // the default
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// Decides on the headers of one request. It runs on the server's runtime and must not block.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`] becomes a 401 without further detail.
    fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated>;

    /// Why no request can ever pass, such as a secret that a header cannot have; this is a problem
    /// of [`build()`](crate::Builder::build). Default: there is no such reason.
    ///
    /// The text does not repeat a secret. An authenticator that asks others returns what they say.
    fn problem(&self) -> Option<String> {
        None
    }
}
