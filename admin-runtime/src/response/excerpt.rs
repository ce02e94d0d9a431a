//! What a message repeats of a text from outside.

/// At most so many characters of a text, and `...` where it goes on.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    shown
}
