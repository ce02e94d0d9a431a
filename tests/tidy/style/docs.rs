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
