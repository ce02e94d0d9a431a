//! Fields, lists and settings of programs.

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
        "secrets": {"a": "ops1", "list": ["one1", {"x": "two2"}], "pin": 7777, "on": true, "port": 80},
        "jwt": {"issuer": "app", "ttl": 3600, "signing_key": "six6"},
        "credentials": {"type": "service_account", "private_key": "seven7"},
        "tiers": [{"name": "hot", "password": "three3"}, {"name": "warm"}],
        "passwords": ["four4", "five5"],
    });
    let expected = json!({
        "secrets": {"a": "******", "list": ["******", {"x": "******"}], "pin": "******", "on": true, "port": 80},
        "jwt": {"issuer": "app", "ttl": 3600, "signing_key": "******"},
        "credentials": {"type": "service_account", "private_key": "******"},
        "tiers": [{"name": "hot", "password": "******"}, {"name": "warm"}],
        "passwords": ["******", "******"],
    });
    assert_eq!(shown(given), expected);
}

#[test]
fn fields_that_belong_together_are_masked() {
    let given = json!({
        "env": [{"name": "API_TOKEN", "value": "one1"}, {"name": "HOME", "value": "/root"}],
        "args": ["serve", "--password", "two2", "--motto", "a b", "", "--token=three3"],
        "pairs": [{"key": "DB_PASSWORD", "value": ["four4", 5]}, {"ParameterKey": "DbPassword", "ParameterValue": "six6"}],
        "encryption": {"key": [83, 51, 67, 82, 69, 84, 1, 2], "kv_shape": [27, 1, 64, 1, 57, 1, 2, 3]},
    });
    let expected = json!({
        "env": [{"name": "API_TOKEN", "value": "******"}, {"name": "HOME", "value": "/root"}],
        "args": ["serve", "--password", "******", "--motto", "a b", "", "--token=******"],
        "pairs": [{"key": "DB_PASSWORD", "value": ["******", "******"]}, {"ParameterKey": "DbPassword", "ParameterValue": "******"}],
        "encryption": {"key": "******", "kv_shape": [27, 1, 64, 1, 57, 1, 2, 3]},
    });
    assert_eq!(shown(given), expected);
}

/// Variables of real platforms, as fields.
const LISTS: [&str; 5] = [
    include_str!("../../../../tests/data/env/variables.tsv"),
    include_str!("../../../../tests/data/env/platforms.tsv"),
    include_str!("../../../../tests/data/env/services.tsv"),
    include_str!("../../../../tests/data/env/images.tsv"),
    include_str!("../../../../tests/data/env/apps.tsv"),
];

#[test]
fn fields_are_masked_as_variables_are() {
    let config = EnvConfig::new();
    let lines = LISTS.iter().flat_map(|list| list.lines());
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(name), Some(value)) = (columns.next(), columns.next()) else {
            panic!("{line}");
        };
        let expected = json!({"settings": {name: config.mask(name, value)}});
        let given = json!({"settings": {name: value}});
        assert_eq!(shown(given), expected, "{line}");
    }
}

/// Settings as programs have them: one value a line, with `S3CRET` where a secret is.
const SETTINGS: &str = include_str!("../../../../tests/data/settings.jsonl");

#[test]
fn settings_of_programs_are_masked() {
    for line in SETTINGS.lines() {
        let given: Value = serde_json::from_str(line).unwrap();
        let shown = shown(given.clone());
        if line.contains("S3CRET") {
            assert!(!shown.to_string().contains("S3CRET"), "{shown}");
        } else {
            assert_eq!(shown, given);
        }
    }
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
    let expected = json!({"db": {"password": "******", "licence": "******", "token": "three3"}});
    assert_eq!(masked(&config, "app", given()), expected);
    let config = EnvConfig::new().show_secrets();
    assert_eq!(masked(&config, "app", given()), given());
    let config = EnvConfig::new().show("secrets");
    let group = || json!({"secrets": {"color": "four4", "password": "five5"}});
    let expected = json!({"secrets": {"color": "four4", "password": "******"}});
    assert_eq!(masked(&config, "app", group()), expected);
    let hidden = masked(&EnvConfig::new(), "password", json!("one1"));
    assert_eq!(hidden, "******");
}
#[test]
fn many_fields_with_secrets_stay_apart() {
    let address = |n: usize| format!("postgres://app:hunter{n}@db/app");
    let given: Map<_, _> = (0..5_000).map(|n| (address(n), json!(n))).collect();
    let taken = ("postgres://app:******@db/app (2)".to_owned(), json!("own"));
    let given = given.into_iter().chain([taken]).collect();
    let shown = shown(Value::Object(given));
    let fields = shown.as_object().unwrap();
    assert_eq!(fields.len(), 5_001);
    assert!(fields.keys().all(|name| !name.contains("hunter")));
}

#[test]
fn many_named_values_are_masked() {
    let names = (0..5_000).map(|n| (format!("{n}name"), json!("API_TOKEN")));
    let values = (0..5_000).map(|n| (format!("{n}value"), json!("one1")));
    let shown = shown(Value::Object(names.chain(values).collect()));
    let text = shown.to_string();
    assert!(!text.contains("one1") && text.contains("API_TOKEN"));
}

#[test]
fn pairs_are_names_and_values() {
    let given = json!({
        "env": [["DB_PASSWORD", "one1"], ["COLOR", "red"], ["API_TOKEN", ["two2", 3]]],
        "pair": ["db_password", {"a": "four4"}],
        "three": ["COLOR", "red", "blue"],
    });
    let expected = json!({
        "env": [["DB_PASSWORD", "******"], ["COLOR", "red"], ["API_TOKEN", ["******", "******"]]],
        "pair": ["db_password", {"a": "******"}],
        "three": ["COLOR", "red", "blue"],
    });
    assert_eq!(shown(given), expected);
    let config = EnvConfig::new().show("DB_PASSWORD");
    let shown_pair = masked(&config, "env", json!([["DB_PASSWORD", "one1"]]));
    assert_eq!(shown_pair, json!([["DB_PASSWORD", "one1"]]));
}
