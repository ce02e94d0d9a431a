//! Elements of XML: `<password>...</password>`.

use super::names::{NameClass, classify, is_secret_value};
use super::redaction::Secrets;

/// Longer names of elements are not looked at.
const MAX_NAME_BYTES: usize = 96;

/// Finds the texts of elements whose names say that they are secret.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        let in_name = |b: &u8| b.is_ascii_alphanumeric() || b"_.-:".contains(b);
        let length = rest
            .bytes()
            .take(MAX_NAME_BYTES)
            .take_while(in_name)
            .count();
        let (name, rest) = rest.split_at(length);
        let class = classify(name);
        if !rest.starts_with('>') || !matches!(class, NameClass::Secret | NameClass::Likely) {
            continue;
        }
        let start = at + 1 + length + 1;
        let end = text[start..]
            .find('<')
            .map_or(text.len(), |end| start + end);
        if is_secret_value(name, class, &text[start..end]) {
            secrets.push(start..end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_secret_elements_are_hidden() {
        for (text, shown) in [
            (
                "<a><password>x</password></a>",
                "<a><password>******</password></a>",
            ),
            ("<apiKey>x", "<apiKey>******"),
            ("<user>x</user>", "<user>x</user>"),
            ("<password/>x", "<password/>x"),
            ("a < b > c", "a < b > c"),
        ] {
            let mut secrets = Secrets::default();
            find(text, &mut secrets);
            assert_eq!(secrets.redact(text), shown);
        }
    }
}
