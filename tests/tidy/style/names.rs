//! Rules about names.

use super::Finding;

/// Words in the name of a test.
const MAX_WORDS: usize = 8;

pub(super) fn constructors_called_of(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some((_, arguments)) = line.split_once("fn of(") else {
            continue;
        };
        let is_method = ["self", "&self", "&mut self", "mut self"]
            .into_iter()
            .any(|receiver| arguments.starts_with(receiver));
        if !is_method && line.contains("-> Self") {
            found.push(Finding::new(number, line.trim()));
        }
    }
    found
}

pub(super) fn long_test_names(text: &str) -> Vec<Finding> {
    let mut found = long_case_names(text);
    let mut is_test = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start();
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            is_test = false;
            let name = rest.split('(').next().unwrap_or(rest);
            if name.split('_').count() > MAX_WORDS {
                found.push(Finding::new(number, name));
            }
        }
    }
    found
}

/// Names in `cases![..]` and in `Case::new("..", ..)`.
fn long_case_names(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut is_list = false;
    for (number, line) in (1..).zip(text.lines()) {
        let (begin, list) = line.split_once("cases![").unwrap_or((line, line));
        is_list |= begin.len() < line.len();
        let name = begin.split_once("Case::new(");
        let mut names: Vec<_> = name
            .and_then(|(_, rest)| rest.split('"').nth(1))
            .into_iter()
            .collect();
        if is_list {
            let (list, rest) = list.split_once(']').unwrap_or((list, ""));
            is_list = rest.is_empty() && !line.contains(']');
            names.extend(list.split(','));
        }
        let long = |name: &&str| name.split('_').count() > MAX_WORDS;
        found.extend(
            names
                .into_iter()
                .map(str::trim)
                .filter(long)
                .map(|name| Finding::new(number, name)),
        );
    }
    found
}
