//! `GET /env`: the environment of the live process, secrets masked.

mod mask;

use std::ffi::OsString;

use admin_runtime::{Config, Pretty, admin_endpoint};
use serde::ser::{Serialize, SerializeMap, Serializer};

use self::mask::{is_secret, without_url_passwords};

/// Settings of `GET /env`: `builder().config(EnvConfig { .. })`.
///
/// ```
/// use admin_endpoints::env::{EnvConfig, EnvReport};
/// use admin_runtime::AdminServer;
///
/// let config = EnvConfig { secret_patterns: vec!["licence".into()], ..EnvConfig::default() };
/// let report = EnvReport::new([("MY_LICENCE".into(), "abc".into())], &config);
/// assert_eq!(serde_json::to_string(&report)?, r#"{"MY_LICENCE":"******"}"#);
/// let builder = AdminServer::builder().config(config);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvConfig {
    /// Shows every value as it is. Default off.
    pub show_secrets: bool,
    /// Further parts of names whose values are masked; case, `_`, `-` and `.` do not count.
    pub secret_patterns: Vec<String>,
}

/// What stands in for a secret.
const MASKED: &str = "******";

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
pub struct EnvReport(Vec<(String, String)>);

impl EnvReport {
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
    pub fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        config: &EnvConfig,
    ) -> Self {
        let mut variables: Vec<_> = variables.into_iter().collect();
        variables.sort();
        let shown = variables.into_iter().map(|(key, value)| {
            let key = key.to_string_lossy().into_owned();
            let value = value.to_string_lossy();
            let value = if config.show_secrets {
                value.into_owned()
            } else if is_secret(&key, &config.secret_patterns) {
                MASKED.to_owned()
            } else {
                without_url_passwords(&value)
            };
            (key, value)
        });
        Self(shown.collect())
    }
}

impl Serialize for EnvReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Get all environment variables of the running process.
///
/// Keys are sorted; values of keys that look like secrets, and passwords inside URLs, are masked.
#[admin_endpoint(path = "/env", runtime = "admin")]
async fn env(config: Config<EnvConfig>) -> Pretty<EnvReport> {
    Pretty(EnvReport::new(std::env::vars_os(), &config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

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
    fn what_is_not_utf8_hides_nothing() {
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
    fn settings_show_all_or_mask_more() {
        let variables: [(&[u8], &[u8]); 2] = [(b"DB_PASSWORD", b"p"), (b"MY_LICENCE", b"l")];
        let shown = EnvConfig {
            show_secrets: true,
            ..EnvConfig::default()
        };
        assert!(json(&variables, &shown).contains("\"p\""));
        let more = EnvConfig {
            secret_patterns: vec!["Licence".into()],
            ..EnvConfig::default()
        };
        assert!(!json(&variables, &more).contains("\"l\""));
        assert!(json(&variables, &EnvConfig::default()).contains("\"l\""));
    }
}
