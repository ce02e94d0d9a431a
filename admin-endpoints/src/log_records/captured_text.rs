//! Text of bounded length.

use std::fmt::{self, Write};

/// The most that is allocated before anything is written.
const INITIAL_BYTES: usize = 128;

/// The beginning of a text, and whether there was more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CapturedText {
    pub(crate) text: String,
    pub(crate) is_cut: bool,
}

impl CapturedText {
    /// The beginning of a text that exists already.
    pub(super) fn from_text(text: &str, max_bytes: usize) -> Self {
        let end = text.floor_char_boundary(max_bytes);
        Self {
            text: text[..end].to_owned(),
            is_cut: end < text.len(),
        }
    }

    /// The beginning of what a value writes. The value is stopped when it has written enough, and
    /// one that panics has the text that it wrote before.
    pub(super) fn from_value(value: &dyn fmt::Debug, max_bytes: usize) -> Self {
        let mut writer = BoundedWriter {
            written: Self {
                text: String::with_capacity(max_bytes.min(INITIAL_BYTES)),
                is_cut: false,
            },
            max_bytes,
        };
        let write = std::panic::AssertUnwindSafe(|| write!(writer, "{value:?}"));
        let is_whole = matches!(std::panic::catch_unwind(write), Ok(Ok(())));
        writer.written.is_cut |= !is_whole;
        writer.written
    }
}

struct BoundedWriter {
    written: CapturedText,
    max_bytes: usize,
}

impl Write for BoundedWriter {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let left = self.max_bytes - self.written.text.len();
        let end = part.floor_char_boundary(left);
        self.written.text.push_str(&part[..end]);
        if end < part.len() {
            self.written.is_cut = true;
            return Err(fmt::Error);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_stopped_when_they_wrote_enough() {
        struct Endless;
        impl fmt::Debug for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("more ")?;
                }
            }
        }
        let captured = CapturedText::from_value(&Endless, 12);
        assert_eq!(
            (captured.text.as_str(), captured.is_cut),
            ("more more mo", true)
        );
    }

    #[test]
    fn values_that_panic_have_what_they_wrote() {
        struct Panics;
        impl fmt::Debug for Panics {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("before")?;
                panic!("expected");
            }
        }
        let captured = CapturedText::from_value(&Panics, 100);
        assert_eq!((captured.text.as_str(), captured.is_cut), ("before", true));
    }

    proptest! {
        #[test]
        fn texts_are_cut_between_characters(text in any::<String>(), max_bytes in 0_usize..64) {
            let captured = CapturedText::from_text(&text, max_bytes);
            prop_assert!(captured.text.len() <= max_bytes);
            prop_assert!(text.starts_with(&captured.text));
            prop_assert_eq!(captured.is_cut, captured.text != text);
            let written = CapturedText::from_value(&format_args!("{text}"), max_bytes);
            prop_assert_eq!(written, captured);
        }
    }
}
