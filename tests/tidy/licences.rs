//! What `deny.toml` demands of every crate in the lock file, checked without cargo-deny.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

use crate::root;

/// The packages of the workspace and everything that they depend on.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    serde_json::from_value(metadata["packages"].take()).expect("a list of packages")
}

fn policy() -> toml::Table {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("a policy");
    text.parse().expect("TOML")
}

fn texts(list: &toml::Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().filter_map(toml::Value::as_str).collect()
}

/// Whether the expression can be satisfied with licences of the list.
fn is_allowed(expression: &str, allowed: &[Licensee]) -> bool {
    let parsed = Expression::parse_mode(expression, ParseMode::LAX)
        .unwrap_or_else(|error| panic!("{expression}: {error}"));
    parsed.evaluate(|required| allowed.iter().any(|licence| licence.satisfies(required)))
}

fn allowed_licences(policy: &toml::Table) -> Vec<Licensee> {
    let allowed = texts(&policy["licenses"]["allow"]).into_iter();
    allowed
        .map(|licence| Licensee::parse(licence).expect("an SPDX licence"))
        .collect()
}

#[test]
fn every_crate_has_an_allowed_licence() {
    let policy = policy();
    let allowed = allowed_licences(&policy);
    let packages = packages();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    for package in packages {
        let (name, licence) = (&package["name"], &package["license"]);
        let expression = licence.as_str().unwrap_or_else(|| panic!("{name}: none"));
        assert!(is_allowed(expression, &allowed), "{name}: {expression}");
    }
}

#[test]
fn a_copyleft_licence_is_refused() {
    let policy = policy();
    let allowed = allowed_licences(&policy);
    for (expression, expected) in [
        ("MIT OR GPL-3.0-only", true),
        ("MIT/Apache-2.0", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("MIT AND GPL-3.0-only", false),
        ("MPL-2.0", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn every_crate_comes_from_an_allowed_registry() {
    let policy = policy();
    let registries: Vec<_> = texts(&policy["sources"]["allow-registry"])
        .into_iter()
        .map(|index| format!("registry+{index}"))
        .collect();
    for package in packages() {
        match package["source"].as_str() {
            Some(source) => assert!(registries.iter().any(|known| known == source), "{source}"),
            None => {
                let manifest = package["manifest_path"].as_str().expect("a path");
                assert!(Path::new(manifest).starts_with(root()), "{manifest}");
            }
        }
    }
}
