//! Authentication: bearer tokens, and authenticators of an application.

use std::fmt;

use http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use super::secret::secret_problem;
use crate::text::one_line;

/// The name of an authenticated caller, for the audit line.
///
/// ```
/// use admin_runtime::auth::{Authenticator, Identity, Token};
/// use admin_runtime::{HeaderMap, HeaderValue};
///
/// let headers = HeaderMap::from_iter([(
///     admin_runtime::header::AUTHORIZATION,
///     HeaderValue::from_static("Bearer s3cret"),
/// )]);
/// let ops = Token::new("ops", "s3cret").authenticate(&headers);
/// assert_eq!(ops, Ok(Identity::new("ops")));
/// assert_eq!(ops.as_ref().map(Identity::name), Ok("ops"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
}

impl Identity {
    /// A caller of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn into_name(self) -> String {
        self.name
    }
}

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
/// A server with an authenticator asks it about every request, reads and local ones included.
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

/// `Authorization: Bearer SECRET`, compared in constant time.
///
/// [`Builder::token`](crate::Builder::token) installs one; an authenticator of your own can
/// check several in turn.
///
/// ```
/// use admin_runtime::HeaderMap;
/// use admin_runtime::auth::{Authenticator, Identity, Token, Unauthenticated};
///
/// struct Either(Token, Token);
///
/// impl Authenticator for Either {
///     fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
///         self.0.authenticate(headers).or_else(|_| self.1.authenticate(headers))
///     }
///
///     fn problem(&self) -> Option<String> {
///         self.0.problem().or_else(|| self.1.problem())
///     }
/// }
///
/// let either = Either(Token::new("ops", "s3cret"), Token::new("ci", "t0ken"));
/// assert_eq!(either.authenticate(&HeaderMap::new()), Err(Unauthenticated::new()));
/// assert_eq!(format!("{:?}", either.0), "Token(ops: ******)"); // never the secret
/// ```
pub struct Token {
    name: String,
    secret: String,
}

impl Token {
    /// A token for callers of this name, which the audit log shows. An empty name, and a secret that no client can send, such as one with
    /// white space at its end or with `Bearer ` in front, are problems of `build()`.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::auth::Token;
    ///
    /// let token = Token::new("ops", "Bearer s3cret");
    /// let error = AdminServer::builder().authenticator(token).build().unwrap_err();
    /// assert!(error.problems()[0].to_string().ends_with("remove that word"));
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            secret: secret.into(),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}: ******)", self.name)
    }
}

impl Authenticator for Token {
    fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
        let sent = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_at_checked(7));
        match sent {
            Some((scheme, secret))
                if scheme.eq_ignore_ascii_case(b"bearer ")
                    && bool::from(secret.ct_eq(self.secret.as_bytes())) =>
            {
                Ok(Identity::new(&self.name))
            }
            _ => Err(Unauthenticated::new()),
        }
    }

    fn problem(&self) -> Option<String> {
        secret_problem(&self.secret)
            .map(str::to_owned)
            .or_else(|| name_problem(&self.name))
    }
}

/// What is wrong with the name of a token.
fn name_problem(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        let what = "the name is empty: it is how the audit log names the caller, such as \"ops\"";
        return Some(what.to_owned());
    }
    if name.trim() != name || one_line(name) != name {
        return Some(format!(
            "the name {name:?} begins or ends with white space or has characters that cannot be \
             seen: the audit log names the caller by it, so write a visible name such as \"ops\""
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_cannot_be_read_is_a_problem() {
        for name in [
            "ops\n",
            " ops",
            "o\u{200b}ps",
            "ops\u{202e}",
            "o\0ps",
            "a\nb",
        ] {
            let problem = Token::new(name, "s3cret").problem().unwrap_or_default();
            assert!(problem.contains("cannot be seen"), "{name:?}: {problem}");
        }
        for name in ["ops", "on call", "Jürgen", "ci/deploy", "a\"b"] {
            assert_eq!(Token::new(name, "s3cret").problem(), None, "{name}");
        }
    }

    #[test]
    fn empty_name_is_a_problem() {
        for name in ["", " "] {
            let problem = Token::new(name, "s3cret").problem().unwrap_or_default();
            assert!(problem.starts_with("the name is empty"), "{problem}");
        }
        assert_eq!(Token::new("ops", "s3cret").problem(), None);
    }

    #[test]
    fn only_the_whole_secret_passes() {
        let token = Token::new("ops", "s3cret");
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            token.authenticate(&headers).is_ok()
        };
        assert!(check("Bearer s3cret"));
        assert!(check("bearer s3cret"));
        for wrong in [
            "Bearer s3cre",
            "Bearer s3cret1",
            "Bearer ",
            "Basic s3cret",
            "s3cret",
            "",
        ] {
            assert!(!check(wrong), "{wrong}");
        }
        assert!(token.authenticate(&HeaderMap::new()).is_err());
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
