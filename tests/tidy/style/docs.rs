//! Rules about documentation.

use super::Finding;

/// A heading such as `# Errors` whose text begins on the next line.
pub(super) fn crowded_headings(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut in_code = false;
    let mut previous = None;
    for (number, line) in (1..).zip(text.lines()) {
        let doc = line.trim_start();
        let doc = doc.strip_prefix("///").or_else(|| doc.strip_prefix("//!"));
        let Some(doc) = doc.map(str::trim) else {
            (in_code, previous) = (false, None);
            continue;
        };
        if let Some(heading) = previous.filter(|_| !doc.is_empty()) {
            found.push(Finding::new(number, heading));
        }
        in_code ^= doc.starts_with("```");
        let is_heading = !in_code && doc.starts_with("# ");
        previous = is_heading.then_some(doc);
    }
    found
}

/// Lines that rustdoc compiles and does not show, in blocks of Rust.
pub(super) fn hidden_lines(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut in_block = false;
    let mut is_rust = false;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(tags) = line.strip_prefix("```") {
            in_block = !in_block;
            is_rust = in_block && !["text", "toml", "sh", "console"].contains(&tags);
        } else if is_rust && (line.trim() == "#" || line.trim_start().starts_with("# ")) {
            found.push(Finding::new(number, line));
        }
    }
    found
}
