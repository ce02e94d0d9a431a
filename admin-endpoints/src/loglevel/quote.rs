//! Text that a client sent, as an error repeats it.

/// The text with its control characters escaped, so that an error stays one line.
pub(super) fn on_one_line(given: &str) -> Box<str> {
    let mut shown = String::with_capacity(given.len());
    for character in given.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(&*on_one_line("a\nb\u{85}c"), "a\\nb\\u{85}c");
        assert_eq!(&*on_one_line("größe \"x\" \\n"), "größe \"x\" \\n");
    }
}
