//! The variables of an environment, masked and in order.

use std::ffi::{OsStr, OsString};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::cache::{MaskCache, MaskedVariables};
use super::config::EnvConfig;
use super::variables::Variables;

/// The variables of an environment, as they are shown: an object sorted by the bytes of its keys.
///
/// ```
/// use admin_endpoints::env::{EnvConfig, EnvReport};
///
/// let variables = [
///     ("DB_URL".into(), "postgres://app:abc@db/cache".into()),
///     ("API_TOKEN".into(), "abc".into()),
/// ];
/// let report = EnvReport::new(variables, &EnvConfig::default());
/// assert_eq!(
///     serde_json::to_string(&report)?,
///     r#"{"API_TOKEN":"******","DB_URL":"postgres://app:******@db/cache"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvReport(MaskedVariables);

impl EnvReport {
    /// The variables of this process at this moment. Other threads may change them meanwhile, also
    /// through C code. A name that is there twice has the value that `getenv` returns, the first.
    ///
    /// ```
    /// use admin_endpoints::env::{EnvConfig, EnvReport};
    ///
    /// let report = EnvReport::from_process(&EnvConfig::default());
    /// assert!(serde_json::to_string(&report)?.contains("\"PATH\":"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn from_process(config: &EnvConfig) -> Self {
        let variables = Variables::of_process();
        let cache = MaskCache::new(config);
        Self(cache.variables(&variables, || masked(variables.iter(), &cache)))
    }

    /// Masks and sorts variables. What is not UTF-8 is shown with U+FFFD and hides nothing.
    ///
    /// ```
    /// use admin_endpoints::env::{EnvConfig, EnvReport};
    ///
    /// let vars = [("HOME".into(), "/root".into()), ("API_TOKEN".into(), "abc".into())];
    /// let report = EnvReport::new(vars, &EnvConfig::default());
    /// assert_eq!(serde_json::to_string(&report)?, r#"{"API_TOKEN":"******","HOME":"/root"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        config: &EnvConfig,
    ) -> Self {
        let variables: Vec<_> = variables.into_iter().collect();
        let variables = variables.iter();
        let borrowed = variables.map(|(name, value)| (name.as_os_str(), value.as_os_str()));
        Self(masked(borrowed, &MaskCache::new(config)))
    }
}

fn masked<'v>(
    variables: impl Iterator<Item = (&'v OsStr, &'v OsStr)>,
    cache: &MaskCache<'_>,
) -> MaskedVariables {
    let mut variables: Vec<_> = variables.collect();
    // Of a name that is there twice, `getenv` finds the first.
    variables.sort_by_key(|(name, _)| *name);
    variables.dedup_by_key(|(name, _)| *name);
    let shown = variables.into_iter().map(|(name, value)| {
        let name = name.to_string_lossy().into_owned();
        let value = cache.mask(&name, &value.to_string_lossy());
        (name, value)
    });
    shown.collect()
}

impl Serialize for EnvReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn json(variables: &[(&[u8], &[u8])], config: &EnvConfig) -> String {
        let os = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let variables = variables.iter().map(|(key, value)| (os(key), os(value)));
        serde_json::to_string_pretty(&EnvReport::new(variables, config)).unwrap()
    }

    #[test]
    fn sorted_by_byte_order_with_two_spaces() {
        let text = json(
            &[(b"b", b"2"), (b"B", b"1"), (b"a", b"\"")],
            &EnvConfig::default(),
        );
        assert_eq!(
            text,
            "{\n  \"B\": \"1\",\n  \"a\": \"\\\"\",\n  \"b\": \"2\"\n}"
        );
    }

    #[test]
    fn variables_that_are_not_utf8_are_listed() {
        let text = json(
            &[(b"K\xff", b"v\xff"), (b"K\xfe", b"w")],
            &EnvConfig::default(),
        );
        assert_eq!(
            text,
            "{\n  \"K\u{fffd}\": \"w\",\n  \"K\u{fffd}\": \"v\u{fffd}\"\n}"
        );
    }

    #[test]
    fn of_two_equal_names_the_first_is_shown() {
        let text = json(
            &[(b"b", b"2"), (b"a", b"2"), (b"a", b"1")],
            &EnvConfig::default(),
        );
        assert_eq!(text, "{\n  \"a\": \"2\",\n  \"b\": \"2\"\n}");
    }

    #[test]
    fn settings_show_all_or_mask_more() {
        let variables: [(&[u8], &[u8]); 2] = [(b"DB_PASSWORD", b"p"), (b"MY_LICENCE", b"l")];
        let shown = EnvConfig::new().show_secrets();
        assert!(json(&variables, &shown).contains("\"p\""));
        let more = EnvConfig::new().mask_names("Licence");
        assert!(!json(&variables, &more).contains("\"l\""));
        assert!(json(&variables, &EnvConfig::default()).contains("\"l\""));
    }
}
