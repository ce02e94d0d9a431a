//! A type of the product crates has a name of its own, so that a search for it finds one definition.

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::sources;

const CRATES: [&str; 3] = [
    "admin-macros/src",
    "admin-runtime/src",
    "admin-endpoints/src",
];

/// Names that are defined more than once, each with the reason.
const SHARED_NAMES: [(&str, &str); 5] = [
    ("Collector", "the platform decides which one is compiled"),
    (
        "InstallError",
        "the error of `install` in its public module, as each channel of std and tokio has a \
         `SendError`",
    ),
    ("Sampling", "the platform decides which one is compiled"),
    (
        "Schemas",
        "the feature `schemars` decides which one is compiled",
    ),
    (
        "TypeSchema",
        "the feature `schemars` decides which one is compiled",
    ),
];

const KINDS: [&str; 5] = ["enum", "struct", "trait", "type", "union"];

/// Adds the names of the types that a module and its inline modules define, those of tests excepted.
fn type_names(tokens: TokenStream, names: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let (TokenTree::Ident(keyword), Some(TokenTree::Ident(name))) = (token, tokens.get(at + 1))
        else {
            continue;
        };
        let keyword = keyword.to_string();
        if KINDS.contains(&keyword.as_str()) {
            names.push(name.to_string());
        } else if keyword == "mod"
            && name != "tests"
            && let Some(TokenTree::Group(body)) = tokens.get(at + 2)
            && body.delimiter() == Delimiter::Brace
        {
            type_names(body.stream(), names);
        }
    }
}

#[test]
fn type_names_are_read_from_items() {
    let source = "pub struct A<T>(T); mod inner { pub(crate) enum B {} } mod tests { struct C; } \
                  impl D for A<u8> { type E = u8; } fn f() { struct G; } type H = u8;";
    let mut names = Vec::new();
    type_names(source.parse().expect("Rust"), &mut names);
    assert_eq!(names, ["A", "B", "H"]);
}

#[test]
fn every_type_name_is_defined_once() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in CRATES.into_iter().flat_map(sources) {
        if is_test(&path) {
            continue;
        }
        let mut names = Vec::new();
        type_names(text.parse().expect("Rust"), &mut names);
        for name in names {
            let place = path.display().to_string();
            places.entry(name).or_default().push(place);
        }
    }
    places.retain(|_, places| places.len() > 1);
    let allowed = SHARED_NAMES.map(|(name, _)| name);
    assert!(
        places.keys().map(String::as_str).eq(allowed),
        "expected {allowed:?} to be defined more than once, and no other; found {places:#?}"
    );
}

fn is_test(path: &Path) -> bool {
    let is_tests = |part: &std::ffi::OsStr| part == "tests" || part == "tests.rs";
    path.iter().any(is_tests)
}
