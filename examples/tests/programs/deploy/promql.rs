//! The names of metrics in an expression.

use std::collections::BTreeSet;

/// Words of an expression that are neither functions nor metrics.
const KEYWORDS: [&str; 6] = ["and", "or", "unless", "bool", "offset", "on"];

/// What Prometheus itself has.
const OF_PROMETHEUS: [&str; 2] = ["ALERTS", "up"];

/// The metrics of processes that an expression reads.
pub(super) fn metrics_of(expression: &str) -> BTreeSet<String> {
    let plain = without_groupings(&without_brackets(expression));
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut found = BTreeSet::new();
    let mut rest = plain.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let before = rest[..start].chars().last();
        let name = &rest[start..];
        let length = name.find(|c| !is_name(c)).unwrap_or(name.len());
        let (word, after) = name.split_at(length);
        // `1h` and `1e3` are numbers.
        let is_number = before.is_some_and(|c| c.is_ascii_digit());
        let is_function = after.trim_start().starts_with('(');
        let is_metric = !is_number && !is_function && !KEYWORDS.contains(&word);
        if is_metric && !OF_PROMETHEUS.contains(&word) {
            found.insert(word.to_owned());
        }
        rest = after;
    }
    found
}

/// Without texts, labels and durations.
fn without_brackets(expression: &str) -> String {
    let mut depth = 0;
    let mut quoted = false;
    let keep = |c: &char| {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ if depth == 0 && !quoted => return true,
            _ => {}
        }
        false
    };
    expression.chars().filter(keep).collect()
}

/// Without the labels of `by (..)`, `without (..)`, `ignoring (..)` and `on (..)`.
fn without_groupings(expression: &str) -> String {
    let mut text = expression.to_owned();
    for grouping in ["by (", "without (", "ignoring (", "on ("] {
        while let Some(start) = text.find(grouping) {
            let length = text[start..].find(')').expect("it ends") + 1;
            text.replace_range(start..start + length, "");
        }
    }
    text
}

#[test]
fn names_are_those_of_metrics() {
    let names = |expression| metrics_of(expression).into_iter().collect::<Vec<_>>();
    let expression =
        r#"max by (a_label) (time() - (b_total{c="d_total}"}[5m] > 0 and on (f) e == 1)) * 86400"#;
    assert_eq!(names(expression), ["b_total", "e"]);
    assert_eq!(names("count(up == 0) or vector(0)"), [""; 0]);
    assert_eq!(names("a == 0 and ignoring (b) ALERTS{c=\"d\"}"), ["a"]);
}
