//! Every public item has an example that runs.
//!
//! rustdoc says as JSON what is public, re-exports followed, and what its documentation is.

mod example;
mod json;
mod rule;

use std::collections::BTreeSet;

use crate::json::Crate;

/// The crates that users name; what `admin-macros` has is documented where it is re-exported.
const CRATES: [&str; 3] = ["admin-macros", "admin-runtime", "admin-endpoints"];

#[test]
fn every_public_item_has_an_example_that_runs() {
    let lacking = rule::lacking(&Crate::of_workspace(&CRATES));
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
