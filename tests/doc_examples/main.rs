//! Every public item has an example that runs.
//!
//! rustdoc says as JSON what is public, re-exports followed, and what its documentation is.

mod api;
mod example;
mod json;
mod rule;
mod signature;
mod signature_tests;
mod type_text;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use crate::json::Crate;

/// The crates that users name; what `admin-macros` has is documented where it is re-exported.
const CRATES: [&str; 3] = ["admin-macros", "admin-runtime", "admin-endpoints"];

static DOCUMENTED: LazyLock<Vec<Crate>> = LazyLock::new(|| Crate::of_workspace(&CRATES));

/// `UPDATE_API=1 cargo test -p admin-tests --test doc_examples` writes the files anew.
#[test]
fn the_public_api_is_as_recorded() {
    for (name, documented) in CRATES.iter().zip(&*DOCUMENTED) {
        let lines = api::lines(documented);
        let file = format!("{}/api/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        if env::var_os("UPDATE_API").is_some() {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::create_dir_all(Path::new(&file).parent().expect("a folder")).expect("a folder");
            fs::write(&file, text).expect("it can be written");
            continue;
        }
        let recorded = fs::read_to_string(&file).expect("a recorded API");
        let recorded: BTreeSet<String> = recorded.lines().map(str::to_owned).collect();
        let gone = recorded.difference(&lines).map(|line| format!("- {line}"));
        let new = lines.difference(&recorded).map(|line| format!("+ {line}"));
        let changes: Vec<_> = gone.chain(new).collect();
        assert!(
            changes.is_empty(),
            "the public API of {name} is not as in {file} (UPDATE_API=1 records it):\n{}",
            changes.join("\n")
        );
    }
}

#[test]
fn every_public_item_has_an_example_that_runs() {
    let lacking = rule::lacking(&DOCUMENTED);
    assert!(
        lacking.is_empty(),
        "{} public items have no example that runs:\n{}\n\
         Write a code block of 3 to 15 lines that asserts something into the documentation of each. \
         A method may instead be called in an example of its type.",
        lacking.len(),
        lacking.join("\n")
    );
}

/// Each line that ends in `// lacks` is reported, and nothing else.
#[test]
fn the_rule_finds_what_lacks_and_nothing_else() {
    let file = "doc_examples/fixture.rs";
    let marked: BTreeSet<String> = include_str!("fixture.rs")
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.ends_with("// lacks"))
        .map(|(_, number)| format!("{file}:{number}"))
        .collect();
    assert!(marked.len() >= 10, "only {} lines are marked", marked.len());
    let found: BTreeSet<String> = rule::lacking(&[Crate::of_file(file)])
        .iter()
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(place, _)| place.to_owned())
        .collect();
    assert_eq!(found, marked);
}
