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
    let mut found = Vec::new();
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
