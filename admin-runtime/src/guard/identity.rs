//! Who a caller is, and what it may do.

use crate::endpoint::Effect;

/// An authenticated caller: its name, for the audit line, and the highest effect it may have.
///
/// ```
/// use admin_runtime::auth::{Authenticator, Identity, Token};
/// use admin_runtime::describe::Effect;
/// use admin_runtime::{HeaderMap, HeaderValue};
///
/// let headers = HeaderMap::from_iter([(
///     admin_runtime::header::AUTHORIZATION,
///     HeaderValue::from_static("Bearer s3cret"),
/// )]);
/// let ops = Token::new("ops", "s3cret").authenticate(&headers);
/// assert_eq!(ops, Ok(Identity::new("ops")));
/// assert_eq!(ops.as_ref().map(Identity::name), Ok("ops"));
///
/// let scraper = Identity::new("prometheus").with_max_effect(Effect::Read);
/// assert_eq!(scraper.max_effect(), Effect::Read);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
    max_effect: Effect,
}

impl Identity {
    /// A caller of this name, without a ceiling: it may do everything.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            max_effect: Effect::Dangerous,
        }
    }

    /// The same caller with a ceiling: a request of a higher effect is answered with 403.
    #[must_use]
    pub fn with_max_effect(mut self, effect: Effect) -> Self {
        self.max_effect = effect;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The highest effect that its requests may have.
    #[must_use]
    pub fn max_effect(&self) -> Effect {
        self.max_effect
    }

    pub(crate) fn into_name(self) -> String {
        self.name
    }
}
