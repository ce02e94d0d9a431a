//! Text of bounded length.

use std::fmt::{self, Write};

/// The most that is allocated before anything is written.
const INITIAL_BYTES: usize = 128;

/// Why a captured text ends where it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TextEnd {
    /// It is whole.
    #[default]
    Whole,
    /// There was more than is kept.
    Cut,
    /// The value that wrote it returned an error or panicked.
    Failed,
}

impl TextEnd {
    /// What follows the text.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Cut => "... (cut)",
            Self::Failed => "... (failed)",
        }
    }
}

/// The beginning of a text, and why it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CapturedText {
    pub(crate) text: String,
    pub(crate) end: TextEnd,
}

impl CapturedText {
    /// The beginning of a text that exists already.
    pub(super) fn from_text(text: &str, max_bytes: usize) -> Self {
        let end = text.floor_char_boundary(max_bytes);
        Self {
            text: text[..end].to_owned(),
            end: if end < text.len() {
                TextEnd::Cut
            } else {
                TextEnd::Whole
            },
        }
    }

    /// The beginning of what a value writes. The value is stopped when it has written enough, and
    /// one that panics has the text that it wrote before.
    pub(super) fn from_value(value: &dyn fmt::Debug, max_bytes: usize) -> Self {
        let mut writer = BoundedWriter {
            written: Self {
                text: String::with_capacity(max_bytes.min(INITIAL_BYTES)),
                end: TextEnd::Whole,
            },
            max_bytes,
        };
        let write = std::panic::AssertUnwindSafe(|| write!(writer, "{value:?}"));
        let is_whole = matches!(std::panic::catch_unwind(write), Ok(Ok(())));
        if !is_whole && writer.written.end == TextEnd::Whole {
            writer.written.end = TextEnd::Failed;
        }
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
            self.written.end = TextEnd::Cut;
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
            (captured.text.as_str(), captured.end),
            ("more more mo", TextEnd::Cut)
        );
    }

    #[test]
    fn values_that_fail_have_what_they_wrote() {
        struct Fails(bool);
        impl fmt::Debug for Fails {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("before")?;
                assert!(!self.0, "expected");
                Err(fmt::Error)
            }
        }
        for panics in [true, false] {
            let captured = CapturedText::from_value(&Fails(panics), 100);
            let written = (captured.text.as_str(), captured.end);
            assert_eq!(written, ("before", TextEnd::Failed), "{panics}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_cut_between_characters(text in any::<String>(), max_bytes in 0_usize..64) {
            let captured = CapturedText::from_text(&text, max_bytes);
            prop_assert!(captured.text.len() <= max_bytes);
            prop_assert!(text.starts_with(&captured.text));
            prop_assert_eq!(captured.end == TextEnd::Cut, captured.text != text);
            let written = CapturedText::from_value(&format_args!("{text}"), max_bytes);
            prop_assert_eq!(written, captured);
        }
    }
}
