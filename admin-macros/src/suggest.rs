//! Suggests the known word that is nearest to an unknown one.

/// A hint with the nearest known word, or with all of them if none is near.
pub(crate) fn did_you_mean(given: &str, known: &[&str]) -> String {
    match nearest(given, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("expected {}", one_of(known)),
    }
}

/// `a`, `a or b`, `a, b or c`, each in backticks.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The known word with the smallest distance, if that is at most a third of its length.
pub(crate) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let given = given.to_lowercase();
    known
        .iter()
        .map(|word| (strsim::osa_distance(&given, &word.to_lowercase()), *word))
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    #[test]
    fn typo_finds_the_nearest_word() {
        for (given, word) in [
            ("PSOT", "POST"),
            ("get", "GET"),
            ("DELET", "DELETE"),
            ("Option", "OPTIONS"),
            ("PTACH", "PATCH"),
        ] {
            assert_eq!(nearest(given, METHODS), Some(word), "{given}");
        }
    }

    #[test]
    fn unrelated_word_gets_the_whole_list() {
        assert_eq!(nearest("SUBSCRIBE", METHODS), None);
        assert_eq!(
            did_you_mean("x", &["read", "write"]),
            "expected `read` or `write`"
        );
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(one_of(&["a"]), "`a`");
    }
}
