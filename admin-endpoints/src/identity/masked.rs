//! Masks the secrets of a JSON value by the rules of `/env`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::env::EnvConfig;

/// A value that is masked where a name alone says that its value may be secret.
const OPAQUE_VALUE: &str = "pa55Word";

/// A setting without its secrets.
pub(super) fn masked(config: &EnvConfig, key: &str, value: Value) -> Value {
    let mut masker = Masker {
        config,
        secret_names: Vec::new(),
        has_shown_name: false,
    };
    let value = masker.field(key, value);
    let is_group = value.is_object() || value.is_array();
    if !is_group || masker.has_shown_name {
        return value;
    }
    // What several fields say together: `{"name": "TOKEN", "value": ".."}`, `["--password", ".."]`.
    let text = value.to_string();
    match config.mask(key, &text) {
        shown if shown == text => value,
        shown => serde_json::from_str(&shown).unwrap_or_else(|_| Value::String(shown.into_owned())),
    }
}

/// Masks each field by its name, the names around it, and its value.
struct Masker<'c> {
    config: &'c EnvConfig,
    /// The names around the current field that say something about secrets, outermost first.
    secret_names: Vec<String>,
    /// Whether a name was found whose values the settings show as they are.
    has_shown_name: bool,
}

impl Masker<'_> {
    fn field(&mut self, name: &str, value: Value) -> Value {
        match value {
            Value::Object(fields) => self.inside(name, |masker| masker.object(fields)),
            Value::Array(values) => self.inside(name, |masker| {
                let values = values.into_iter();
                Value::Array(values.map(|value| masker.field(name, value)).collect())
            }),
            Value::String(text) => Value::String(self.text(name, &text).unwrap_or(text)),
            Value::Number(number) => match self.text(name, &number.to_string()) {
                Some(text) => Value::String(text),
                None => Value::Number(number),
            },
            Value::Bool(_) | Value::Null => value,
        }
    }

    fn inside(&mut self, name: &str, mask: impl FnOnce(&mut Self) -> Value) -> Value {
        let is_secret = self.config.mask(name, OPAQUE_VALUE) != OPAQUE_VALUE;
        if is_secret {
            self.secret_names.push(name.to_owned());
        }
        let masked = mask(self);
        if is_secret {
            self.secret_names.pop();
        }
        masked
    }

    fn object(&mut self, fields: Map<String, Value>) -> Value {
        let mut shown = Map::new();
        for (name, value) in fields {
            let value = self.field(&name, value);
            let name = match self.config.mask("", &name) {
                Cow::Borrowed(_) => name,
                Cow::Owned(masked) => distinct(&shown, masked),
            };
            shown.insert(name, value);
        }
        Value::Object(shown)
    }

    /// The text after masking, if there is a secret in it.
    fn text(&mut self, name: &str, text: &str) -> Option<String> {
        if self.config.shows(name) {
            self.has_shown_name = true;
            return None;
        }
        let around = self.secret_names.iter().rev().map(String::as_str);
        [name].into_iter().chain(around).find_map(|name| {
            let masked = self.config.mask(name, text);
            (masked != text).then(|| masked.into_owned())
        })
    }
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
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: Value) -> Value {
        masked(&EnvConfig::new(), "app", value)
    }

    #[test]
    fn names_and_values_decide() {
        let given = json!({
            "capacity": 4096,
            "dbPassword": "hunter22",
            "token_ttl": 30,
            "token_file": "/run/secrets/token",
            "api-key": 12345678,
            "url": "postgres://app:hunter22@db/app",
            "sentryDsn": "https://abc@example.com/1",
            "empty": null,
            "password": "",
            "use_token": true,
            "ratio": 0.25,
        });
        let expected = json!({
            "capacity": 4096,
            "dbPassword": "******",
            "token_ttl": 30,
            "token_file": "/run/secrets/token",
            "api-key": "******",
            "url": "postgres://app:******@db/app",
            "sentryDsn": "******",
            "empty": null,
            "password": "",
            "use_token": true,
            "ratio": 0.25,
        });
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn values_below_a_secret_name_are_masked() {
        let given = json!({
            "secrets": {"user": "ops1", "list": ["one1", {"x": "two2"}], "pin": 777, "on": true},
            "tiers": [{"name": "hot", "password": "three3"}, {"name": "warm"}],
            "passwords": ["four4", "five5"],
        });
        let expected = json!({
            "secrets": {"user": "******", "list": ["******", {"x": "******"}], "pin": "******", "on": true},
            "tiers": [{"name": "hot", "password": "******"}, {"name": "warm"}],
            "passwords": ["******", "******"],
        });
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn fields_that_belong_together_are_masked() {
        let given = json!({
            "env": [{"name": "API_TOKEN", "value": "one1"}, {"name": "HOME", "value": "/root"}],
            "args": ["serve", "--password", "two2", "--port", "80"],
        });
        let expected = json!({
            "env": [{"name": "API_TOKEN", "value": "******"}, {"name": "HOME", "value": "/root"}],
            "args": ["serve", "--password", "******", "--port", "80"],
        });
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn secrets_in_names_are_masked() {
        let given = json!({
            "postgres://app:hunter22@db/app": 1,
            "postgres://app:hunter33@db/app": 2,
            "db-1": 3,
        });
        let expected = json!({
            "postgres://app:******@db/app": 1,
            "postgres://app:******@db/app (2)": 2,
            "db-1": 3,
        });
        assert_eq!(shown(given), expected);
    }

    #[test]
    fn settings_of_env_decide() {
        let given = || json!({"db": {"password": "one1", "licence": "two2", "token": "three3"}});
        let config = EnvConfig::new().mask_names("licence").show("token");
        let expected =
            json!({"db": {"password": "******", "licence": "******", "token": "three3"}});
        assert_eq!(masked(&config, "app", given()), expected);
        let config = EnvConfig::new().show_secrets();
        assert_eq!(masked(&config, "app", given()), given());
        let hidden = masked(&EnvConfig::new(), "password", json!("one1"));
        assert_eq!(hidden, "******");
    }
}
