//! The words of a name: `DB_PASSWORD`, `dbPassword` and `db-password` have the same two.

/// Longer names are judged by their last bytes, where the word that matters is.
const MAX_NAME_BYTES: usize = 128;

/// Splits a name at everything that is neither letter nor digit and at changes of case, in lower
/// case. Words that are only digits are left out, digits at the end of a word are cut off.
pub(super) fn split(name: &str) -> Vec<String> {
    let name = last_bytes(name, MAX_NAME_BYTES);
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let mut start = 0;
        let mut previous = [None; 2];
        for (at, c) in part.char_indices() {
            // `dbPassword` is split before the `P`, `APIKey` before the `K`.
            let split_at = match previous {
                [_, Some((_, last))] if is_lower_or_digit(last) && c.is_uppercase() => Some(at),
                [Some((_, first)), Some((second_at, second))]
                    if is_upper(first) && is_upper(second) && c.is_lowercase() =>
                {
                    Some(second_at)
                }
                _ => None,
            };
            if let Some(split_at) = split_at {
                push_word(&mut words, &part[start..split_at]);
                start = split_at;
            }
            previous = [previous[1], Some((at, c))];
        }
        push_word(&mut words, &part[start..]);
    }
    words
}

fn push_word(words: &mut Vec<String>, word: &str) {
    let word = word.trim_end_matches(|c: char| c.is_numeric());
    if !word.is_empty() {
        words.push(word.to_lowercase());
    }
}

fn is_lower_or_digit(c: char) -> bool {
    c.is_lowercase() || c.is_numeric()
}

fn is_upper(c: char) -> bool {
    c.is_uppercase()
}

fn last_bytes(text: &str, count: usize) -> &str {
    let mut start = text.len().saturating_sub(count);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_separators_and_changes_of_case() {
        for (name, words) in [
            ("DB_PASSWORD", "db password"),
            ("dbPassword", "db password"),
            ("db-password.2", "db password"),
            ("APIKey", "api key"),
            ("ConnectionStrings__Default", "connection strings default"),
            (
                "NPM_CONFIG_//npm.example/:_authToken",
                "npm config npm example auth token",
            ),
            ("S3_SECRET_1", "s secret"),
            ("client-key-data", "client key data"),
            ("OAUTH2", "oauth"),
            ("PGPASSWORD", "pgpassword"),
            ("straßeÜber", "straße über"),
            ("", ""),
            ("__", ""),
        ] {
            assert_eq!(split(name).join(" "), words, "{name}");
        }
    }

    #[test]
    fn judges_long_names_by_their_end() {
        let name = format!("{}_PASSWORD", "é".repeat(100_000));
        assert_eq!(split(&name).last().map(String::as_str), Some("password"));
    }
}
