//! The document as it is written.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A document that lists `text/plain` before other media types: client generators use the first
/// one, and a route with both formats replies with text unless JSON is requested.
pub(super) struct TextFirst(pub(super) Value);

impl Serialize for TextFirst {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part(&self.0).serialize(serializer)
    }
}

struct Part<'a>(&'a Value);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let is_text = |key: &str| key.starts_with("text/plain");
                let (text, others): (Vec<_>, Vec<_>) =
                    fields.iter().partition(|(key, _)| is_text(key));
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in text.into_iter().chain(others) {
                    map.serialize_entry(key, &Part(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Part)),
            scalar => scalar.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_the_first_media_type() {
        let document =
            json!({ "content": [{ "application/json": 1, "text/html": 2, "text/plain": 3 }] });
        assert_eq!(
            serde_json::to_string(&TextFirst(document)).unwrap(),
            r#"{"content":[{"text/plain":3,"application/json":1,"text/html":2}]}"#
        );
    }
}
