//! Recorded expansions: `tests/expand/NAME.rs` expands to `NAME.expanded.rs`.
//!
//! `UPDATE_GOLDEN=1 cargo test -p admin-macros` records them again.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use syn::{File, Item, Meta};

use crate::endpoint::admin_endpoint;
use crate::health_check::health_check;
use crate::periodic::periodic;

/// Expands every registered function of a file.
fn expand(source: &str) -> String {
    let file: File = syn::parse_str(source).expect("the input is Rust");
    let items = file.items.into_iter().map(|item| match item {
        Item::Fn(mut function) => {
            let is_registration = |a: &syn::Attribute| {
                let names = ["admin_endpoint", "health_check", "periodic"];
                names.iter().any(|name| a.path().is_ident(name))
            };
            let position = function.attrs.iter().position(is_registration);
            let attribute = function
                .attrs
                .remove(position.expect("each function has the attribute"));
            let expand = if attribute.path().is_ident("periodic") {
                periodic
            } else if attribute.path().is_ident("health_check") {
                health_check
            } else {
                admin_endpoint
            };
            let arguments = match attribute.meta {
                Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            expand(arguments, quote::quote!(#function))
        }
        other => quote::quote!(#other),
    });
    let expanded = syn::parse2(items.collect()).expect("the expansion is Rust");
    prettyplease::unparse(&expanded)
}

#[test]
fn expansions_match_the_recorded_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).expect("tests/expand exists") {
        let input = entry.expect("it can be read").path();
        let name = input
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !name.ends_with(".rs") || name.ends_with(".expanded.rs") {
            continue;
        }
        let expanded = expand(&fs::read_to_string(&input).expect("it can be read"));
        let golden = input.with_extension("expanded.rs");
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &expanded).expect("it can be written");
        }
        let recorded = fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(
            expanded, recorded,
            "{name}: if the change is intended, run with UPDATE_GOLDEN=1"
        );
        seen += 1;
    }
    assert!(seen >= 3, "only {seen} inputs found");
}
