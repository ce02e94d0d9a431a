//! Masks the secrets of a JSON value by the rules of `/env`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

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
                let groups = [name.to_owned()];
                let inside = self.config.mask_in_groups(&groups, "", OPAQUE_VALUE);
                // Other names say nothing about the fields.
                let is_secret_group = inside != OPAQUE_VALUE;
                if is_secret_group {
                    self.groups.extend(groups);
                }
                let fields = self.object(fields);
                if is_secret_group {
                    self.groups.pop();
                }
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
        let pairs = Pairs::find(&fields);
        let mut shown = Map::new();
        let mut counts = HashMap::new();
        for (name, value) in fields {
            let value = if let Some(text) = pairs.texts.get(&name) {
                let value = self.field(&name, value);
                self.field(text, value)
            } else if pairs.names.contains(&name) {
                self.field("name", value) // a field `key` is not a key here
            } else {
                self.field(&name, value)
            };
            let name = match self.config.mask("", &name) {
                Cow::Borrowed(_) if !shown.contains_key(&name) => name,
                masked => distinct(&shown, &mut counts, masked.into_owned()),
            };
            shown.insert(name, value);
        }
        shown
    }

    fn list(&mut self, name: &str, values: Vec<Value>) -> Value {
        if are_bytes(&values) && self.text(name, OPAQUE_VALUE) != OPAQUE_VALUE {
            return Value::String(MASKED_LIST.to_owned());
        }
        // A list of pairs is one of names and values: `[["API_TOKEN", ".."]]`.
        let first = match &*values {
            [Value::String(first), _] => Some(first.clone()),
            _ => None,
        };
        let values = values.into_iter();
        let mut values: Vec<_> = values.map(|value| self.field(name, value)).collect();
        if let (Some(first), Some(second)) = (first, values.get_mut(1)) {
            *second = self.field(&first, second.take());
        }
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

/// Fields that name each other: `{"name": "API_TOKEN", "value": ".."}`.
#[derive(Default)]
struct Pairs {
    /// The names of the fields with a name.
    names: HashSet<String>,
    /// The text of that field, by the name of the field with the value.
    texts: HashMap<String, String>,
}

impl Pairs {
    fn find(fields: &Map<String, Value>) -> Self {
        let mut pairs = Self::default();
        let is_value = |name: &&String| name.to_ascii_lowercase().ends_with("value");
        if !fields.keys().any(|name| is_value(&name)) {
            return pairs;
        }
        let texts = fields.iter().filter_map(|(name, text)| {
            let text = text.as_str()?;
            Some((name.to_ascii_lowercase(), (name, text)))
        });
        let texts: HashMap<_, _> = texts.collect();
        for value in fields.keys().filter(is_value) {
            let lower = value.to_ascii_lowercase();
            let prefix = lower.strip_suffix("value").unwrap_or_default();
            let mut names = ["name", "key"].iter();
            let found = names.find_map(|name| texts.get(&format!("{prefix}{name}")));
            if let Some((name, text)) = found {
                pairs.names.insert((*name).clone());
                pairs.texts.insert(value.clone(), (*text).to_owned());
            }
        }
        pairs
    }
}

fn are_bytes(values: &[Value]) -> bool {
    let is_byte = |value: &Value| value.as_u64().is_some_and(|number| number <= 255);
    values.len() >= MIN_KEY_BYTES && values.iter().all(is_byte)
}

/// A name that no other field has: two may be the same once they are masked. `counts` has how many
/// fields had each name.
fn distinct(
    fields: &Map<String, Value>,
    counts: &mut HashMap<String, usize>,
    name: String,
) -> String {
    let count = counts.entry(name.clone()).or_insert(0);
    loop {
        *count += 1;
        let name = match *count {
            1 => name.clone(),
            count => format!("{name} ({count})"),
        };
        if !fields.contains_key(&name) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests;
