//! Bearer tokens.

use std::fmt;

use http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use super::authenticator::{Authenticator, Unauthenticated};
use super::identity::Identity;
use super::secret::{can_be_guessed, secret_problem};
use crate::endpoint::Effect;
use crate::text::one_line;

/// `Authorization: Bearer SECRET`, compared in constant time.
///
/// [`Builder::token`](crate::Builder::token) installs one; an authenticator of your own can
/// use some too.
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
/// assert_eq!(format!("{:?}", either.0), "Token(ops, dangerous: ******)"); // never the secret
/// ```
#[derive(Clone)]
pub struct Token {
    identity: Identity,
    secret: String,
}

impl Token {
    /// A token without a ceiling for callers of this name, which the audit log shows.
    ///
    /// An empty or invisible name, and a secret that no client can send, such as one with white space
    /// at its end or with `Bearer ` in front, are problems of `build()`.
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
            identity: Identity::new(name),
            secret: secret.into(),
        }
    }

    /// The same token with a ceiling: its requests of a higher effect are answered with 403.
    ///
    /// ```
    /// use admin_runtime::auth::Token;
    /// use admin_runtime::describe::Effect;
    ///
    /// let token = Token::new("prometheus", "s3cret").with_max_effect(Effect::Read);
    /// assert_eq!(format!("{token:?}"), "Token(prometheus, read: ******)");
    /// ```
    #[must_use]
    pub fn with_max_effect(mut self, effect: Effect) -> Self {
        self.identity = self.identity.with_max_effect(effect);
        self
    }

    /// Whether its secret is so short that others can guess it.
    pub(super) fn can_be_guessed(&self) -> bool {
        can_be_guessed(&self.secret)
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What a token that is added to this one shares with it: the audit log tells callers apart by name.
    pub(super) fn problem_beside(&self, added: &Self) -> Option<String> {
        let (name, added_name) = (self.identity.name(), added.identity.name());
        if self.secret == added.secret {
            return Some(format!(
                "{added_name:?} has the secret of {name:?}: each token needs its own"
            ));
        }
        (name == added_name).then(|| {
            format!("two tokens have the name {name:?}: the audit log names the caller by it, so write another one, such as {:?}", format!("{name}-2"))
        })
    }

    /// Whether this is its secret, in a time that does not depend on where they differ.
    pub(super) fn accepts(&self, secret: &[u8]) -> bool {
        bool::from(secret.ct_eq(self.secret.as_bytes()))
    }
}

/// The secret of `Authorization: Bearer SECRET`.
pub(super) fn bearer_secret(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, secret) = value.split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(secret)
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, effect) = (self.identity.name(), self.identity.max_effect());
        write!(f, "Token({name}, {effect}: ******)")
    }
}

impl Authenticator for Token {
    fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
        match bearer_secret(headers) {
            Some(secret) if self.accepts(secret) => Ok(self.identity.clone()),
            _ => Err(Unauthenticated::new()),
        }
    }

    fn problem(&self) -> Option<String> {
        secret_problem(&self.secret)
            .map(str::to_owned)
            .or_else(|| name_problem(self.identity.name()))
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
