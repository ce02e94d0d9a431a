//! Labels of instances.

use std::collections::BTreeMap;

use admin_runtime::text::{excerpt, one_line};
use serde::Serialize;

use super::limits::{MAX_LABEL_NAME_BYTES, MAX_LABEL_VALUE_BYTES, MAX_LABELS, MAX_QUOTED_CHARS};

/// Labels that the series of instances have of their own, or that Prometheus gives to them: another value would
/// replace those that alerts and dashboards select. `name` is the instance itself where instances are selected.
const RESERVED_NAMES: [&str; 18] = [
    "alertname",
    "fault",
    "instance",
    "job",
    "kind",
    "le",
    "level",
    "listener",
    "method",
    "name",
    "path",
    "quantile",
    "reason",
    "revision",
    "server",
    "severity",
    "status",
    "version",
];

/// Labels whose names Prometheus accepts, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct InstanceLabels(BTreeMap<String, String>);

impl InstanceLabels {
    /// # Errors
    ///
    /// The rule that a label breaks.
    pub(super) fn new(labels: BTreeMap<String, String>) -> Result<Self, String> {
        if labels.len() > MAX_LABELS {
            let count = labels.len();
            return Err(format!(
                "Invalid labels: {count} of them; expected at most {MAX_LABELS}"
            ));
        }
        for (name, value) in &labels {
            check_label_name(name)?;
            if RESERVED_NAMES.contains(&name.as_str()) {
                return Err(format!(
                    "Invalid name of a label: '{name}' is a label of metrics; expected none of {}",
                    RESERVED_NAMES.join(", ")
                ));
            }
            // Escaped is what is invisible or changes the direction of the text.
            if value.len() > MAX_LABEL_VALUE_BYTES || one_line(value) != *value {
                return Err(format!(
                    "Invalid value of label '{name}': '{}'; expected at most {MAX_LABEL_VALUE_BYTES} \
                     bytes without control, bidirectional and invisible characters",
                    excerpt(value, MAX_QUOTED_CHARS)
                ));
            }
        }
        Ok(Self(labels))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// # Errors
///
/// The rule that the name breaks.
pub(super) fn check_label_name(name: &str) -> Result<(), String> {
    let is_first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_valid = name.len() <= MAX_LABEL_NAME_BYTES
        && name.as_bytes().first().is_some_and(is_first)
        && name.bytes().all(is_allowed)
        && !name.starts_with("__");
    if is_valid {
        return Ok(());
    }
    let name = excerpt(name, MAX_QUOTED_CHARS);
    Err(format!(
        "Invalid name of a label: '{name}'; expected [a-zA-Z_][a-zA-Z0-9_]*, not beginning with \
         __, of at most {MAX_LABEL_NAME_BYTES} bytes"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Result<InstanceLabels, String> {
        let pairs = pairs.iter();
        let owned = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        InstanceLabels::new(owned.collect())
    }

    #[test]
    fn labels_of_prometheus_are_accepted() {
        let accepted = labels(&[("role", "worker"), ("_a9", ""), ("zone", "Zürich")]).unwrap();
        assert_eq!(accepted.get("role"), Some("worker"));
        assert_eq!(accepted.iter().next(), Some(("_a9", "")));
    }

    #[test]
    fn refused_labels_name_the_rule() {
        for name in [
            "",
            "9a",
            "a-b",
            "a.b",
            "__meta",
            "ä",
            "a b",
            &"x".repeat(129),
        ] {
            let error = labels(&[(name, "x")]).unwrap_err();
            assert!(error.contains("[a-zA-Z_][a-zA-Z0-9_]*"), "{error}");
        }
        for name in ["le", "level", "name", "instance", "job"] {
            let error = labels(&[(name, "x")]).unwrap_err();
            assert!(error.contains("is a label of metrics"), "{error}");
        }
        for value in [
            "a\nb",
            "\u{85}",
            "a\u{202e}b",
            "\u{200b}",
            "\u{2066}a",
            &"x".repeat(257),
        ] {
            let error = labels(&[("role", value)]).unwrap_err();
            assert!(
                error.starts_with("Invalid value of label 'role'"),
                "{error}"
            );
        }
        let many = (0..33).map(|number| (format!("l{number}"), String::new()));
        let error = InstanceLabels::new(many.collect()).unwrap_err();
        assert_eq!(error, "Invalid labels: 33 of them; expected at most 32");
    }
}
