//! What a successful run reports.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a successful run reports; `GET /periodic-threads` shows it until the next run ends.
///
/// ```
/// use admin_runtime::RunSummary;
///
/// let summary = RunSummary::new("evicted 3 blocks").with("evicted", 3).with("tier", "hot");
/// assert_eq!(summary.message(), "evicted 3 blocks");
/// assert_eq!(summary.extra_info()["evicted"], 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunSummary {
    message: String,
    extra_info: BTreeMap<String, Value>,
}

/// A longer message is cut.
pub(super) const MAX_MESSAGE_BYTES: usize = 1024;

/// Further keys of `extra_info` are left out.
const MAX_EXTRA_KEYS: usize = 32;

impl RunSummary {
    /// A summary with a message, of which at most 1 KiB is kept.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: truncated(message.into()),
            extra_info: BTreeMap::new(),
        }
    }

    /// Adds a value to the extra information, which keeps at most 32 keys; a text is cut at 1 KiB.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let (key, mut value) = (key.into(), value.into());
        if let Value::String(text) = value {
            value = Value::String(truncated(text));
        }
        if self.extra_info.len() < MAX_EXTRA_KEYS || self.extra_info.contains_key(&key) {
            self.extra_info.insert(key, value);
        }
        self
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The extra information.
    #[must_use]
    pub fn extra_info(&self) -> &BTreeMap<String, Value> {
        &self.extra_info
    }

    pub(super) fn into_parts(self) -> (String, BTreeMap<String, Value>) {
        (self.message, self.extra_info)
    }
}

impl From<()> for RunSummary {
    fn from((): ()) -> Self {
        Self::default()
    }
}

/// Cuts a text after the last character that ends within the limit.
pub(super) fn truncated(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_MESSAGE_BYTES));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_keys_are_bounded() {
        let long = "ä".repeat(MAX_MESSAGE_BYTES);
        let bytes = |text: &str| RunSummary::new(text).message().len();
        assert_eq!(bytes(&long), MAX_MESSAGE_BYTES);
        assert_eq!(bytes(&format!("x{long}")), MAX_MESSAGE_BYTES - 1);
        let full = (0..100).fold(RunSummary::new(""), |summary, n| {
            summary.with(n.to_string(), long.clone())
        });
        assert_eq!(full.extra_info().len(), MAX_EXTRA_KEYS);
        let text = full.extra_info()["7"].as_str().unwrap();
        assert_eq!(text.len(), MAX_MESSAGE_BYTES);
    }
}
