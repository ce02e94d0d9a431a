//! Rules about `use`. rustfmt puts each at the start of a line and ends it with `;`.

use std::collections::BTreeMap;

use super::Finding;

/// A `use` at the top level of a file.
struct Import {
    /// Where it starts, from 1.
    line: usize,
    /// Whether the line before, attributes aside, is blank or the file starts here.
    after_blank: bool,
    /// Whether the item before is a `use` too.
    after_import: bool,
    is_reexport: bool,
    has_attribute: bool,
    /// What is between `use` and `;`, without line breaks.
    path: String,
}

/// Where an import comes from, in the order in which the groups are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Std,
    External,
    Own,
}

fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let (mut after_blank, mut after_import, mut has_attribute) = (true, false, false);
    let mut lines = (1..).zip(text.lines());
    while let Some((line, first)) = lines.next() {
        if first.is_empty() {
            after_blank = true;
            continue;
        }
        if first.starts_with("#[") {
            has_attribute = true;
            continue;
        }
        let start = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "]
            .into_iter()
            .find_map(|start| Some((start, first.strip_prefix(start)?)));
        if let Some((start, rest)) = start {
            let mut path = rest.to_owned();
            while !path.ends_with(';') {
                let Some((_, more)) = lines.next() else { break };
                path.push_str(more.trim_start());
            }
            found.push(Import {
                line,
                after_blank,
                after_import,
                is_reexport: start != "use ",
                has_attribute,
                path: path.trim_end_matches(';').to_owned(),
            });
        }
        (after_blank, after_import, has_attribute) = (false, start.is_some(), false);
    }
    found
}

pub(super) fn nested_trees(text: &str) -> Vec<Finding> {
    let nested = |import: &Import| import.path.matches('{').count() > 1;
    let imports = imports(text).into_iter().filter(nested);
    imports
        .map(|import| Finding::new(import.line, import.path))
        .collect()
}

pub(super) fn wrong_groups(text: &str) -> Vec<Finding> {
    let modules: Vec<_> = text
        .lines()
        .filter_map(|line| {
            line.trim_start_matches("pub ")
                .strip_prefix("mod ")?
                .split([';', ' '])
                .next()
        })
        .collect();
    let origin = |import: &Import| match import.path.split([':', ' ']).next() {
        Some("std" | "core" | "alloc") => Origin::Std,
        Some("crate" | "super" | "self") => Origin::Own,
        Some(name) if modules.contains(&name) => Origin::Own,
        _ => Origin::External,
    };
    let mut found = Vec::new();
    let mut last = None;
    for import in imports(text) {
        if import.is_reexport {
            last = None;
            continue;
        }
        let origin = origin(&import);
        let Some(previous) = last.replace(origin) else {
            continue;
        };
        let is_split = import.after_import && import.after_blank != (origin != previous);
        if origin < previous || is_split {
            found.push(Finding::new(import.line, import.path));
        }
    }
    found
}

pub(super) fn split_imports(text: &str) -> Vec<Finding> {
    let mut seen = BTreeMap::new();
    let mut found = Vec::new();
    for import in imports(text) {
        if import.is_reexport || import.has_attribute {
            continue;
        }
        let Some((module, items)) = import.path.rsplit_once("::") else {
            continue;
        };
        // A module of a module is imported on a line of its own.
        let is_item = items.starts_with(|first: char| first == '{' || first.is_uppercase());
        if is_item && seen.insert(module.to_owned(), import.line).is_some() {
            found.push(Finding::new(import.line, import.path));
        }
    }
    found
}
