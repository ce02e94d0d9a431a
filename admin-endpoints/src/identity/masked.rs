//! Masks the secrets of a JSON value by the rules of `/env`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::env::EnvConfig;

/// Stands in a command line for an argument that is not one word.
const PLACEHOLDER: &str = "x";

/// What is shown of a list that is a secret as a whole.
const MASKED_LIST: &str = "******";

/// As few numbers from 0 to 255 may be the bytes of a key.
const MIN_KEY_BYTES: usize = 8;

/// A value that is a secret wherever the name says that it may be one.
const OPAQUE_VALUE: &str = "pa55Word";

/// A setting without its secrets.
pub(super) fn masked(config: &EnvConfig, key: &str, value: Value) -> Value {
    let mut masker = Masker {
        config,
        groups: Vec::new(),
    };
    masker.field(key, value)
}

/// Masks each field by its name, the names around it, and its value.
struct Masker<'c> {
    config: &'c EnvConfig,
    /// The names around the current field, outermost first.
    groups: Vec<String>,
}

impl Masker<'_> {
    fn field(&mut self, name: &str, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                self.groups.push(name.to_owned());
                let fields = self.object(fields);
                self.groups.pop();
                Value::Object(fields)
            }
            Value::Array(values) => self.list(name, values),
            Value::String(text) => match self.text(name, &text) {
                Cow::Borrowed(_) => Value::String(text),
                Cow::Owned(masked) => Value::String(masked),
            },
            Value::Number(number) => match self.text(name, &number.to_string()) {
                Cow::Borrowed(_) => Value::Number(number),
                Cow::Owned(masked) => Value::String(masked),
            },
            Value::Bool(_) | Value::Null => value,
        }
    }

    /// The text as it is shown; owned if something in it is masked.
    fn text<'v>(&self, name: &str, text: &'v str) -> Cow<'v, str> {
        match self.config.mask_in_groups(&self.groups, name, text) {
            masked if masked == text => Cow::Borrowed(text),
            masked => Cow::Owned(masked.into_owned()),
        }
    }

    fn object(&mut self, fields: Map<String, Value>) -> Map<String, Value> {
        let pairs: Vec<_> = fields
            .keys()
            .filter_map(|name| Pair::find(&fields, name))
            .collect();
        let mut shown = Map::new();
        for (name, value) in fields {
            let pair = |of: fn(&Pair) -> &String| pairs.iter().find(|pair| *of(pair) == name);
            let value = match (pair(|pair| &pair.value), pair(|pair| &pair.name)) {
                (Some(pair), _) => {
                    let value = self.field(&name, value);
                    self.field(&pair.text, value)
                }
                (None, Some(_)) => self.field("name", value), // a field `key` is not a key here
                (None, None) => self.field(&name, value),
            };
            let name = match self.config.mask("", &name) {
                Cow::Borrowed(_) => name,
                Cow::Owned(masked) => distinct(&shown, masked),
            };
            shown.insert(name, value);
        }
        shown
    }

    fn list(&mut self, name: &str, values: Vec<Value>) -> Value {
        if are_bytes(&values) && self.text(name, OPAQUE_VALUE) != OPAQUE_VALUE {
            return Value::String(MASKED_LIST.to_owned());
        }
        let values = values.into_iter();
        let mut values: Vec<_> = values.map(|value| self.field(name, value)).collect();
        if let Some(masked) = self.command(&values) {
            for (value, masked) in values.iter_mut().zip(masked) {
                if let Value::String(text) = value
                    && masked != PLACEHOLDER
                {
                    *text = masked;
                }
            }
        }
        Value::Array(values)
    }

    /// The words of a command line, if a list of texts is one with a secret: `["--password", ".."]`.
    fn command(&self, values: &[Value]) -> Option<Vec<String>> {
        let word = |value: &Value| {
            let text = value.as_str()?;
            let is_word = !text.is_empty() && !text.contains(char::is_whitespace);
            Some(if is_word {
                text.to_owned()
            } else {
                PLACEHOLDER.to_owned()
            })
        };
        let words: Option<Vec<_>> = values.iter().map(word).collect();
        let words = words?;
        if !words.iter().any(|word| word.starts_with('-')) {
            return None;
        }
        let line = words.join(" ");
        let masked = self.config.mask("", &line);
        let masked: Vec<_> = masked.split(' ').map(str::to_owned).collect();
        (masked.len() == words.len() && masked != words).then_some(masked)
    }
}

/// Two fields of which one names the other: `{"name": "API_TOKEN", "value": ".."}`.
struct Pair {
    /// The name of the field with the name.
    name: String,
    /// The name.
    text: String,
    /// The name of the field with the value.
    value: String,
}

impl Pair {
    /// The pair whose value is in the field of this name.
    fn find(fields: &Map<String, Value>, value: &str) -> Option<Self> {
        let lower = value.to_ascii_lowercase();
        let prefix = lower.strip_suffix("value")?;
        let is_name = |name: &str| {
            let name = name.to_ascii_lowercase();
            let rest = name.strip_prefix(prefix);
            rest.is_some_and(|rest| ["name", "key"].contains(&rest))
        };
        let (name, text) = fields.iter().find(|(name, _)| is_name(name))?;
        Some(Self {
            name: name.clone(),
            text: text.as_str()?.to_owned(),
            value: value.to_owned(),
        })
    }
}

fn are_bytes(values: &[Value]) -> bool {
    let is_byte = |value: &Value| value.as_u64().is_some_and(|number| number <= 255);
    values.len() >= MIN_KEY_BYTES && values.iter().all(is_byte)
}

/// A name that no other field has: two may be the same once they are masked.
fn distinct(fields: &Map<String, Value>, name: String) -> String {
    let mut names = (2..).map(|count| format!("{name} ({count})"));
    if !fields.contains_key(&name) {
        return name;
    }
    let unused = names.find(|name| !fields.contains_key(name));
    unused.unwrap_or(name)
}

#[cfg(test)]
mod tests;
