//! Checks of the tree that no compiler makes: documents, manifests, imports.

mod ci;
mod footprint;
mod imports;
mod licences;
mod order;
mod paths;
mod style;
mod type_names;

use std::fs;
use std::path::{Path, PathBuf};

use self::imports::names_crate;

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace")
        .to_owned()
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((path.strip_prefix(root()).expect("inside").to_owned(), text));
            }
        }
    }
    found
}

#[test]
fn only_the_shell_names_warp_and_inventory() {
    for (path, text) in sources("admin-runtime/src") {
        let inside = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
        if names_crate(&text, "warp") {
            assert!(
                inside(&["admin-runtime/src/filter.rs", "admin-runtime/src/filter"]),
                "{} names warp",
                path.display()
            );
        }
        if names_crate(&text, "inventory") {
            assert!(
                inside(&[
                    "admin-runtime/src/discover.rs",
                    "admin-runtime/src/private.rs",
                    "admin-runtime/src/response/error_status.rs"
                ]),
                "{} names inventory",
                path.display()
            );
        }
    }
    for folder in [
        "admin-endpoints/src",
        "examples/src",
        "examples/cache-engine/src",
    ] {
        for (path, text) in sources(folder) {
            assert!(
                !names_crate(&text, "warp") && !names_crate(&text, "inventory"),
                "{}",
                path.display()
            );
        }
    }
}

/// Whether a file names a module of the standard library, alone or in braces.
fn names_std_module(text: &str, module: &str) -> bool {
    let is_named = |rest: &str| {
        let group = rest
            .strip_prefix('{')
            .and_then(|rest| rest.split(';').next());
        let named = group.unwrap_or_else(|| rest.split(';').next().unwrap_or_default());
        let mut words = named.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        match group {
            Some(_) => words.any(|word| word == module),
            None => words.next() == Some(module),
        }
    };
    text.split("std::").skip(1).any(is_named)
}

#[test]
fn module_of_std_is_found_in_every_notation() {
    for code in [
        "use std::fs;",
        "std::fs::read(p)",
        "use std::{env, fs};",
        "use std::{fs::File, io};",
    ] {
        assert!(names_std_module(code, "fs"), "{code}");
    }
    for code in [
        "use std::fmt;",
        "use std::{env, io};",
        "use std::io;\nlet fs = 1;",
    ] {
        assert!(!names_std_module(code, "fs"), "{code}");
    }
}

#[test]
fn the_core_names_no_files_and_no_environment() {
    for folder in ["endpoint", "guard", "request", "response", "registry"] {
        for (path, text) in sources(&format!("admin-runtime/src/{folder}")) {
            for module in ["fs", "env"] {
                let names = names_std_module(&text, module);
                assert!(!names, "{} names std::{module}", path.display());
            }
        }
    }
}

#[test]
fn every_member_inherits_the_lints() {
    for member in [
        "admin-macros",
        "admin-runtime",
        "admin-endpoints",
        "examples",
        "examples/cache-engine",
        "tests",
        "tests/fuzz",
    ] {
        let manifest =
            fs::read_to_string(root().join(member).join("Cargo.toml")).expect("a manifest");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{member}");
    }
}

#[test]
fn the_version_has_its_section_in_the_changelog() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).expect("a changelog");
    assert!(changelog.contains(&format!("## {}", env!("CARGO_PKG_VERSION"))));
}
