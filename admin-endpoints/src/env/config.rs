//! Settings of what is shown.

use std::borrow::Cow;
use std::collections::BTreeSet;

#[cfg(feature = "identity")]
use super::mask::is_secret_in_group;
use super::mask::{MASKED, mask};

/// What `GET /env` shows: `builder().config(EnvConfig::new()..)`. The same settings hold for
/// `os.environ` of scripts and for `/config`.
///
/// By default secrets are masked: whole values whose names say that they are secret, and in other
/// values passwords of URLs, secret parameters, private keys and tokens of well-known forms.
///
/// ```
/// use admin_endpoints::env::EnvConfig;
/// use admin_runtime::AdminServer;
///
/// let config = EnvConfig::new().show("DEPLOY_TOKEN_NAME").mask_names("licence");
/// assert_eq!(config.mask("MY_LICENCE", "abc"), "******");
/// let builder = AdminServer::builder().config(config);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct EnvConfig {
    show_secrets: bool,
    shown_names: BTreeSet<String>,
    masked_names: Vec<String>,
}

impl EnvConfig {
    /// The default: secrets are masked.
    ///
    /// ```
    /// use admin_endpoints::env::EnvConfig;
    ///
    /// assert_eq!(EnvConfig::new(), EnvConfig::default());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows every value as it is.
    ///
    /// ```
    /// use admin_endpoints::env::EnvConfig;
    ///
    /// assert_eq!(EnvConfig::new().show_secrets().mask("API_TOKEN", "abc"), "abc");
    /// ```
    pub fn show_secrets(mut self) -> Self {
        self.show_secrets = true;
        self
    }

    /// Shows the value of one variable, or field of `/config`, as it is. Case counts.
    ///
    /// ```
    /// use admin_endpoints::env::EnvConfig;
    ///
    /// let config = EnvConfig::new().show("PUBLIC_TOKEN");
    /// assert_eq!(config.mask("PUBLIC_TOKEN", "abc"), "abc");
    /// assert_eq!(config.mask("API_TOKEN", "abc"), "******");
    /// ```
    pub fn show(mut self, name: impl Into<String>) -> Self {
        self.shown_names.insert(name.into());
        self
    }

    /// Masks the values of all variables whose names contain this too. Case, `_`, `-` and `.` do
    /// not count, and an empty pattern masks nothing. [`show`](Self::show) takes precedence.
    ///
    /// ```
    /// use admin_endpoints::env::EnvConfig;
    ///
    /// let config = EnvConfig::new().mask_names("license-id");
    /// assert_eq!(config.mask("ACME_LICENSE_ID_2", "abc"), "******");
    /// ```
    pub fn mask_names(mut self, pattern: &str) -> Self {
        let pattern = folded(pattern);
        if !pattern.is_empty() {
            self.masked_names.push(pattern);
        }
        self
    }

    /// A value in a group, such as an object of JSON, as it is shown under its name and those of the
    /// groups around it.
    #[cfg(feature = "identity")]
    pub(crate) fn mask_in_groups<'v>(
        &self,
        groups: &[String],
        name: &str,
        value: &'v str,
    ) -> Cow<'v, str> {
        let is_shown = self.show_secrets || self.shown_names.contains(name);
        let mut groups = groups.iter();
        let is_secret = |group: &String| {
            !self.shown_names.contains(group)
                && (self.masks_all_of(group) || is_secret_in_group(group, name, value))
        };
        if !is_shown && !value.is_empty() && groups.any(is_secret) {
            return Cow::Borrowed(MASKED);
        }
        self.mask(name, value)
    }

    pub(super) fn shows_secrets(&self) -> bool {
        self.show_secrets
    }

    /// A value as it is shown under a name. With an empty name only what the value itself tells
    /// is masked, as for a line of a log.
    ///
    /// ```
    /// use admin_endpoints::env::EnvConfig;
    ///
    /// let config = EnvConfig::new();
    /// assert_eq!(config.mask("DB_PASSWORD", "abc"), "******");
    /// assert_eq!(config.mask("DB", "pg://app:abc@db/cache"), "pg://app:******@db/cache");
    /// assert_eq!(config.mask("", "sent password=abc"), "sent password=******");
    /// ```
    #[must_use]
    pub fn mask<'v>(&self, name: &str, value: &'v str) -> Cow<'v, str> {
        if self.show_secrets || self.shown_names.contains(name) {
            return Cow::Borrowed(value);
        }
        if self.masks_all_of(name) {
            return Cow::Borrowed(MASKED);
        }
        mask(name, value)
    }

    /// Whether a pattern of `mask_names` fits a name.
    fn masks_all_of(&self, name: &str) -> bool {
        if self.masked_names.is_empty() {
            return false;
        }
        let name = folded(name);
        let mut patterns = self.masked_names.iter();
        patterns.any(|pattern| name.contains(pattern))
    }
}

/// Lower case, letters and digits only, so that `API-Key`, `apiKey` and `API_KEY` are one.
fn folded(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_without_letters_mask_nothing() {
        let config = EnvConfig::new().mask_names("").mask_names("_-");
        assert_eq!(config.mask("HOME", "/root"), "/root");
    }

    #[test]
    fn a_shown_name_wins_over_a_pattern() {
        let config = EnvConfig::new().mask_names("licence").show("MY_LICENCE");
        assert_eq!(config.mask("MY_LICENCE", "a"), "a");
        assert_eq!(config.mask("my_licence", "a"), "******");
    }
}
