//! What stable rustfmt and clippy cannot check, as a table of rules.

mod docs;
mod imports;
mod names;
mod phrases;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// One rule: which files it reads, and what it finds in one of them.
struct Rule {
    name: &'static str,
    applies_to: fn(&Path) -> bool,
    find: fn(&str) -> Vec<Finding>,
    /// A text that breaks the rule once.
    bad: &'static str,
    /// A similar text that does not.
    good: &'static str,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq)]
struct Finding {
    /// From 1.
    line: usize,
    text: String,
}

impl Finding {
    fn new(line: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { line, text }
    }
}

const RULES: &[Rule] = &[
    Rule {
        name: "a `use` nests no braces",
        applies_to: is_rust,
        find: imports::nested_trees,
        bad: "use std::{\n    fs,\n    io::{Read, Write},\n};\n",
        good: "use std::fs;\nuse std::io::{Read, Write};\n",
    },
    Rule {
        name: "imports are std, external, own, with a blank line between these groups",
        applies_to: is_rust,
        find: imports::wrong_groups,
        bad: "use std::fs;\nuse serde::Serialize;\n",
        good: "mod a;\n\nuse std::fs;\n\nuse serde::Serialize;\n\nuse crate::b::B;\nuse a::A;\n",
    },
    Rule {
        name: "an example of a guide shows all its lines, so that a copy of it compiles",
        applies_to: is_guide,
        find: docs::hidden_lines,
        bad: "```\nf()?;\n# Ok::<(), E>(())\n```\n# Heading\n",
        good: "# Heading\n\n```\n#[cfg(test)]\nfn f() {}\n```\n\n```text\n# a prompt\n```\n",
    },
    Rule {
        name: "one `use` for each module",
        applies_to: is_rust,
        find: imports::split_imports,
        bad: "use std::sync::Arc;\nuse std::sync::Mutex;\n",
        good: "use std::fmt;\nuse std::sync::{Arc, Mutex};\nuse std::sync::atomic::AtomicU8;\n",
    },
    Rule {
        name: "visibility is private, super, crate or public",
        applies_to: is_rust,
        find: |text| lines_with(text, |line| line.trim_start().starts_with("pub(in ")),
        bad: "pub(in crate::script) fn f() {}\n",
        good: "pub(super) fn f() {}\n",
    },
    Rule {
        name: "`if` instead of `match` on a bool",
        applies_to: is_rust,
        find: |text| lines_with(text, |line| line.trim_start().starts_with("true => ")),
        bad: "match on {\n    true => 1,\n    false => 2,\n}\n",
        good: "match on {\n    Some(true) => 1,\n    _ => 2,\n}\n",
    },
    Rule {
        name: "a heading in documentation is followed by a blank line",
        applies_to: is_rust,
        find: docs::crowded_headings,
        bad: "/// Reads.\n///\n/// # Errors\n/// If it fails.\n",
        good: "/// Reads.\n///\n/// # Errors\n///\n/// If it fails.\n",
    },
    Rule {
        name: "a constructor is `new` or `from_*`, not `of`",
        applies_to: is_rust,
        find: names::constructors_called_of,
        bad: "    fn of(path: &str) -> Self {\n",
        good: "    fn of(self, whole: u64) -> u64 {\n",
    },
    Rule {
        name: "a test name has at most eight words",
        applies_to: is_rust,
        find: names::long_test_names,
        bad: "#[test]\nfn one_two_three_four_five_six_seven_eight_nine() {}\n",
        good: "#[tokio::test]\nasync fn one_two_three_four_five_six_seven_eight() {}\n",
    },
    Rule {
        name: "the name of a case has at most eight words",
        applies_to: is_rust,
        find: names::long_test_names,
        bad: "cases![\n    one_two,\n    one_two_three_four_five_six_seven_eight_nine,\n];\nlet a;\n",
        good: "cases![one_two].extend(cases![a]);\nlet one_two_three_four_five_six_seven_eight_nine;\n",
    },
    Rule {
        name: "plain technical English",
        applies_to: is_prose,
        find: phrases::banned,
        bad: "//! It is\n//! no number.\n",
        good: "//! There is no number, and it is no longer read.\n",
    },
];

/// Sources whose text is data: programs with a mistake, generated programs, the examples above.
const DATA: &[&str] = &[
    "tests/ui",
    "tests/benches/compile_cost/flavour.rs",
    "tests/tidy/style",
];

fn is_data(path: &Path) -> bool {
    DATA.iter().any(|data| path.starts_with(data))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| extensions.contains(&extension))
}

fn is_rust(path: &Path) -> bool {
    has_extension(path, &["rs"]) && !is_data(path)
}

/// A chapter of a guide: Markdown that the documentation of a crate includes.
fn is_guide(path: &Path) -> bool {
    has_extension(path, &["md"]) && path.parent().is_some_and(|folder| folder.ends_with("docs"))
}

fn is_prose(path: &Path) -> bool {
    has_extension(path, &["rs", "md", "toml", "yml", "sh"]) && !is_data(path)
}

fn lines_with(text: &str, is_bad: fn(&str) -> bool) -> Vec<Finding> {
    let numbered = (1..).zip(text.lines());
    numbered
        .filter(|(_, line)| is_bad(line))
        .map(|(number, line)| Finding::new(number, line.trim()))
        .collect()
}

/// Every file that people write, relative to the root.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str());
            match name.expect("UTF-8") {
                "target" | ".git" => {}
                _ if path.is_dir() => folders.push(path),
                _ => found.push(path.strip_prefix(root()).expect("inside").to_owned()),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_tree_follows_every_rule() {
    let mut findings = Vec::new();
    for path in files() {
        for rule in RULES.iter().filter(|rule| (rule.applies_to)(&path)) {
            let text = fs::read_to_string(root().join(&path)).expect("UTF-8");
            for Finding { line, text } in (rule.find)(&text) {
                findings.push(format!("{}:{line}: {}: {text}", path.display(), rule.name));
            }
        }
    }
    let count = findings.len();
    assert!(count == 0, "{count} findings\n{}", findings.join("\n"));
}

#[test]
fn each_rule_tells_its_examples_apart() {
    for Rule {
        name,
        find,
        bad,
        good,
        ..
    } in RULES
    {
        assert_eq!(find(bad).len(), 1, "{name}: {:?}", find(bad));
        assert_eq!(find(good), [], "{name}");
    }
}
