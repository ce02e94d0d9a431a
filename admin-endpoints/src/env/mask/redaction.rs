//! Collected places of secrets in a text, and the text without them.

use std::borrow::Cow;
use std::ops::Range;

/// What replaces a secret.
pub(crate) const MASKED: &str = "******";

/// The places of secrets in one text; they may overlap and come in any order.
#[derive(Debug, Default)]
pub(super) struct Secrets(Vec<Range<usize>>);

impl Secrets {
    /// Adds a place; an empty one adds nothing. Both ends must be boundaries of characters.
    pub(super) fn push(&mut self, place: Range<usize>) {
        if !place.is_empty() {
            self.0.push(place);
        }
    }

    /// Adds places.
    pub(super) fn extend(&mut self, places: impl Iterator<Item = Range<usize>>) {
        places.for_each(|place| self.push(place));
    }

    /// The places so far.
    pub(super) fn places(&self) -> impl Iterator<Item = &Range<usize>> {
        self.0.iter()
    }

    /// The text with each place replaced, and places that touch replaced together.
    pub(super) fn redact(mut self, text: &str) -> Cow<'_, str> {
        if self.0.is_empty() {
            return Cow::Borrowed(text);
        }
        self.0.sort_unstable_by_key(|place| place.start);
        let mut redacted = String::with_capacity(text.len());
        let mut shown_to = 0;
        for place in self.0 {
            if place.start > shown_to || shown_to == 0 {
                redacted.push_str(&text[shown_to..place.start]);
                redacted.push_str(MASKED);
            }
            shown_to = shown_to.max(place.end);
        }
        redacted.push_str(&text[shown_to..]);
        Cow::Owned(redacted)
    }

    /// The text without what one rule finds in it, for the tests of that rule.
    #[cfg(test)]
    pub(super) fn redact_found_by(find: impl Fn(&str, &mut Self), text: &str) -> String {
        let mut secrets = Self::default();
        find(text, &mut secrets);
        secrets.redact(text).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_overlap_or_touch_are_one() {
        let mut secrets = Secrets::default();
        for place in [6..8, 0..2, 1..3, 3..4, 5..5] {
            secrets.push(place);
        }
        assert_eq!(secrets.redact("abcdefghi"), "******ef******i");
        assert_eq!(Secrets::default().redact("abc"), "abc");
    }
}
