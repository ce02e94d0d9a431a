//! Names of instances.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use admin_runtime::Param;
use admin_runtime::text::excerpt;

use super::limits::{MAX_NAME_BYTES, MAX_QUOTED_CHARS};

/// The name of an instance: unique in its directory, and a segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InstanceName(Arc<str>);

impl InstanceName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstanceName {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_valid = (1..=MAX_NAME_BYTES).contains(&given.len())
            && given.bytes().all(is_allowed)
            && !matches!(given, "." | "..");
        if is_valid {
            return Ok(Self(given.into()));
        }
        let given = excerpt(given, MAX_QUOTED_CHARS);
        let expected = Self::EXPECTED;
        Err(format!("Invalid name: '{given}'; expected {expected}"))
    }
}

impl Param for InstanceName {
    const EXPECTED: &'static str = "1 to 63 of the characters A-Z a-z 0-9 . _ -, and not . or ..";
    const JSON_SCHEMA: &'static str =
        r#"{"pattern":"^[A-Za-z0-9._-]+$","minLength":1,"maxLength":63}"#;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn error_message(text: &str) -> Option<String> {
        text.parse::<Self>().err()
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_segments_of_paths() {
        let longest = "x".repeat(63);
        for given in ["w1", "worker-10.0.0.7-7000", "A_b.C-9", "...", &longest] {
            assert_eq!(given.parse::<InstanceName>().unwrap().as_str(), given);
        }
        for given in [
            "",
            ".",
            "..",
            "a b",
            "a/b",
            "a%",
            "ä",
            "a\n",
            &"x".repeat(64),
        ] {
            let error = given.parse::<InstanceName>().unwrap_err();
            assert!(error.ends_with("and not . or .."), "{error}");
        }
    }
}
