//! The expansion as a person reads it: `tests/script_object/metadata.rs` becomes
//! `metadata.expanded.rs`.
//!
//! `UPDATE_GOLDEN=1 cargo test -p admin-macros` writes it anew.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;

use super::script_object;

#[test]
fn expansion_matches_the_recorded_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/script_object");
    let source = fs::read_to_string(folder.join("metadata.rs")).expect("it can be read");
    let item = source.parse().expect("the input is Rust");
    let expanded = syn::parse2(script_object(TokenStream::new(), item)).expect("it is Rust");
    let expanded = prettyplease::unparse(&expanded);
    let golden = folder.join("metadata.expanded.rs");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &expanded).expect("it can be written");
    }
    let recorded = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(
        expanded, recorded,
        "if that is meant, run with UPDATE_GOLDEN=1"
    );
}
