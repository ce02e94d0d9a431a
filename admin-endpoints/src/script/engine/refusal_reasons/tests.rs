//! Every text with which the code refuses is in the table, and in the documentation.

mod examples;

use super::*;

/// Where the code refuses, and what is behind the name of the function.
const SOURCES: [&str; 23] = [
    include_str!("../rewrite.rs"),
    include_str!("../rewrite/refusals.rs"),
    include_str!("../rewrite/refusals/annotations.rs"),
    include_str!("../rewrite/refusals/calls.rs"),
    include_str!("../rewrite/refusals/classes.rs"),
    include_str!("../rewrite/refusals/comparisons.rs"),
    include_str!("../rewrite/refusals/environ.rs"),
    include_str!("../rewrite/refusals/expressions.rs"),
    include_str!("../rewrite/refusals/identifiers.rs"),
    include_str!("../rewrite/refusals/modules.rs"),
    include_str!("../rewrite/refusals/statements.rs"),
    include_str!("../rewrite/refusals/visitor.rs"),
    include_str!("../wording.rs"),
    include_str!("../polyfills/numbers.py"),
    include_str!("../polyfills/assignments.py"),
    include_str!("../polyfills/values.py"),
    include_str!("../polyfills/modules.py"),
    include_str!("../polyfills/sets.py"),
    include_str!("../polyfills/dates.py"),
    include_str!("../polyfills/error_texts.py"),
    include_str!("../polyfills/tools.py"),
    include_str!("../polyfills/texts.py"),
    include_str!("../polyfills/math.py"),
];

/// How a refusal is written, and the quotes of its text.
const CALLS: [(&str, char); 6] = [
    ("Err(message(", '"'),
    ("self.refuse(", '"'),
    ("self.refuse_at(", '"'),
    ("search.refuse_at(", '"'),
    ("unsupported::message(", '"'),
    ("__engine_refuse__(", '\''),
];

#[test]
fn each_refusal_in_the_code_is_listed() {
    let mut found = 0;
    for (source, (call, quote)) in SOURCES
        .iter()
        .flat_map(|source| CALLS.iter().map(move |call| (source, *call)))
    {
        for (at, _) in source.match_indices(call) {
            let arguments = &source[at + call.len()..];
            let ends = [");", ")\n", "),\n"];
            let end = ends.iter().filter_map(|end| arguments.find(end)).min();
            let arguments = &arguments[..end.unwrap_or(arguments.len())];
            let text = arguments.split(quote).nth(1).unwrap_or_default();
            let text = text.split('{').next().unwrap_or_default();
            if !text.is_empty() {
                found += 1;
                let is_listed = REFUSALS.iter().any(|(what, _)| text.starts_with(what));
                assert!(is_listed, "{text}");
            }
        }
    }
    assert!(found > 60, "{found} found");
}

/// Where features are named that the engine turned out to lack.
const LACKS: [(&str, &str); 2] = [
    (
        include_str!("../lacks.rs"),
        "pub(super) fn lacking_feature(",
    ),
    (include_str!("../wording.rs"), "pub(super) fn lacking_part("),
];

#[test]
fn each_lack_in_the_code_is_listed() {
    let mut found = 0;
    for (source, begin) in LACKS {
        let (_, code) = source.split_once(begin).unwrap();
        let (code, _) = code.split_once("mod tests {").unwrap();
        let owned = code.split(".to_owned()").map(|before| {
            let mut parts = before.trim_end_matches('"').rsplit('"');
            parts.next().filter(|_| before.ends_with('"'))
        });
        let formatted = code.split("format!(\"").skip(1);
        let formatted = formatted.filter(|behind| !behind.starts_with(['d', 'c'])); // searched words
        let formatted = formatted.map(|behind| behind.split('{').next());
        for text in owned.chain(formatted).flatten() {
            found += 1;
            let mut known = REFUSALS.iter().map(|(what, _)| what);
            let is_listed = known.any(|what| text.starts_with(what) || what.starts_with(text));
            assert!(is_listed, "{text}");
        }
    }
    assert!(found > 20, "{found} found");
}

#[test]
fn documentation_lists_each_refusal() {
    let table = include_str!("../embedded_engine.md");
    for (what, why) in REFUSALS {
        let row = format!("| {what} | {why} |");
        assert!(table.contains(&row), "{row}");
    }
    assert_eq!(table.matches("\n| ").count(), REFUSALS.len() + 1);
}
