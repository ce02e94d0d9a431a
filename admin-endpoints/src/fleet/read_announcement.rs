//! Reads the body of an announcement. By hand: errors name keys and values as JSON has them, a key that is
//! there twice is a mistake, and so is a list instead of an object.

use std::collections::BTreeMap;
use std::fmt;

use admin_runtime::text::excerpt;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use super::announcement::{AnnouncementBody, InstanceScheme};
use super::limits::{DEFAULT_TTL_SECONDS, MAX_QUOTED_CHARS};

const EXPECTED: &str =
    "an object with address and, optionally, scheme, labels, ttl_seconds and boot_id";

impl<'de> Deserialize<'de> for AnnouncementBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BodyVisitor)
    }
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = AnnouncementBody;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut address, mut scheme, mut ttl_seconds) = (None, None, None);
        let (mut labels, mut boot_id) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            let is_first = match key.as_str() {
                "address" => address.replace(text(&key, &map.next_value()?)?).is_none(),
                "scheme" => scheme.replace(read_scheme(&map.next_value()?)?).is_none(),
                "labels" => labels.replace(map.next_value::<UniqueLabels>()?).is_none(),
                "ttl_seconds" => {
                    let value: Value = map.next_value()?;
                    let seconds = value.as_u64().ok_or_else(|| {
                        unexpected(&key, &value, "a whole number of seconds, such as 30")
                    })?;
                    ttl_seconds.replace(seconds).is_none()
                }
                "boot_id" => boot_id.replace(text(&key, &map.next_value()?)?).is_none(),
                _ => {
                    let key = excerpt(&key, MAX_QUOTED_CHARS);
                    return Err(Error::custom(format!(
                        "Unknown key '{key}'; expected {EXPECTED}"
                    )));
                }
            };
            if !is_first {
                return Err(twice(&key));
            }
        }
        let missing =
            || Error::custom(format!("The key 'address' is missing; expected {EXPECTED}"));
        Ok(AnnouncementBody {
            address: address.ok_or_else(missing)?,
            scheme: scheme.unwrap_or_default(),
            labels: labels
                .map(|UniqueLabels(labels)| labels)
                .unwrap_or_default(),
            ttl_seconds: ttl_seconds.unwrap_or(DEFAULT_TTL_SECONDS),
            boot_id,
        })
    }
}

/// Labels of which each has a name of its own.
struct UniqueLabels(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for UniqueLabels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LabelsVisitor)
    }
}

struct LabelsVisitor;

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = UniqueLabels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"labels as an object of texts, such as {"role": "worker"}"#)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut labels = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = text(&name, &map.next_value()?)?;
            if labels.contains_key(&name) {
                return Err(twice(&name));
            }
            labels.insert(name, value);
        }
        Ok(UniqueLabels(labels))
    }
}

fn text<E: Error>(key: &str, value: &Value) -> Result<String, E> {
    let found = value.as_str().map(str::to_owned);
    found.ok_or_else(|| unexpected(key, value, "a text"))
}

fn read_scheme<E: Error>(value: &Value) -> Result<InstanceScheme, E> {
    let schemes = [InstanceScheme::Http, InstanceScheme::Https];
    let given = schemes
        .into_iter()
        .find(|scheme| value.as_str() == Some(scheme.as_str()));
    given.ok_or_else(|| unexpected("scheme", value, r#""http" or "https""#))
}

fn unexpected<E: Error>(key: &str, value: &Value, expected: &str) -> E {
    let (key, value) = (
        excerpt(key, MAX_QUOTED_CHARS).to_string(),
        value.to_string(),
    );
    let value = excerpt(&value, MAX_QUOTED_CHARS);
    E::custom(format!("Invalid {key}: {value}; expected {expected}"))
}

fn twice<E: Error>(key: &str) -> E {
    let key = excerpt(key, MAX_QUOTED_CHARS);
    E::custom(format!("The key '{key}' is there twice"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_name_keys_and_values_of_json() {
        for (json, expected) in [
            (
                "[]",
                "invalid type: sequence, expected an object with address",
            ),
            (r#"["127.0.0.1:1"]"#, "expected an object with address"),
            ("null", "invalid type: null, expected an object"),
            ("{}", "The key 'address' is missing"),
            (
                r#"{"address":null}"#,
                "Invalid address: null; expected a text",
            ),
            (r#"{"address":7}"#, "Invalid address: 7; expected a text"),
            (
                r#"{"address":"a","address":"b"}"#,
                "'address' is there twice",
            ),
            (
                r#"{"address":"a","ttl":5}"#,
                "Unknown key 'ttl'; expected an object",
            ),
            (
                r#"{"address":"a","scheme":"ftp"}"#,
                r#"Invalid scheme: "ftp"; expected "http" or "https""#,
            ),
            (r#"{"address":"a","scheme":null}"#, "Invalid scheme: null"),
            (
                r#"{"address":"a","ttl_seconds":null}"#,
                "Invalid ttl_seconds: null; expected a whole number",
            ),
            (
                r#"{"address":"a","ttl_seconds":-1}"#,
                "Invalid ttl_seconds: -1",
            ),
            (
                r#"{"address":"a","ttl_seconds":1.5}"#,
                "Invalid ttl_seconds: 1.5",
            ),
            (r#"{"address":"a","boot_id":null}"#, "Invalid boot_id: null"),
            (
                r#"{"address":"a","labels":null}"#,
                "expected labels as an object",
            ),
            (
                r#"{"address":"a","labels":[]}"#,
                "expected labels as an object",
            ),
            (
                r#"{"address":"a","labels":{"role":null}}"#,
                "Invalid role: null; expected a text",
            ),
            (
                r#"{"address":"a","labels":{"role":"a","role":"b"}}"#,
                "'role' is there twice",
            ),
        ] {
            let error = serde_json::from_str::<AnnouncementBody>(json).unwrap_err();
            let error = error.to_string();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
