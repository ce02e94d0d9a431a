//! Masks the secrets of records by the rules of `/env`, in the thread that writes them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::env::EnvConfig;
use crate::log_records::{CapturedText, TextEnd};

/// A word longer than this is not removed at a cut.
const MAX_CUT_WORD_BYTES: usize = 1024;

/// Texts that were masked before.
const MAX_CACHED_TEXTS: usize = 2048;

/// Longer texts are rarely the same.
const MAX_CACHED_BYTES: usize = 192;

/// A number that is a secret if the name says so.
const SAMPLE_NUMBER: &str = "8675309";

/// Masks texts; remembers the result for those that are logged again and again.
#[derive(Debug)]
pub(super) struct RecordMask {
    config: Arc<EnvConfig>,
    /// By name and text: the masked text, or `None` if it is shown as it is.
    masked: HashMap<Box<str>, Option<Box<str>>, RandomState>,
    key: String,
    hides_numbers: HashMap<&'static str, bool, RandomState>,
}

impl RecordMask {
    pub(super) fn new(config: Arc<EnvConfig>) -> Self {
        Self {
            config,
            masked: HashMap::default(),
            key: String::new(),
            hides_numbers: HashMap::default(),
        }
    }

    /// The value of a field; a message has an empty name.
    pub(super) fn text<'t>(&mut self, name: &str, captured: &'t CapturedText) -> Cow<'t, str> {
        let text = match captured.end {
            TextEnd::Whole => return self.whole(name, &captured.text),
            // A part of a secret could look harmless.
            TextEnd::Cut => without_last_word(&captured.text),
            TextEnd::Failed => &captured.text,
        };
        Cow::Owned(self.whole(name, text).into_owned() + captured.end.mark())
    }

    fn whole<'t>(&mut self, name: &str, text: &'t str) -> Cow<'t, str> {
        if name.len() + text.len() > MAX_CACHED_BYTES {
            return self.config.mask(name, text);
        }
        self.key.clear();
        self.key.push_str(name);
        self.key.push('\0');
        self.key.push_str(text);
        if let Some(known) = self.masked.get(self.key.as_str()) {
            return match known {
                None => Cow::Borrowed(text),
                Some(masked) => Cow::Owned(masked.to_string()),
            };
        }
        let masked = self.config.mask(name, text);
        if self.masked.len() >= MAX_CACHED_TEXTS {
            self.masked.clear();
        }
        let result = (masked != text).then(|| Box::from(&*masked));
        self.masked.insert(self.key.as_str().into(), result);
        masked
    }

    /// Whether numbers of fields of this name are secret.
    pub(super) fn hides_numbers(&mut self, name: &'static str) -> bool {
        let config = &self.config;
        let hides = || config.mask(name, SAMPLE_NUMBER) != SAMPLE_NUMBER;
        *self.hides_numbers.entry(name).or_insert_with(hides)
    }
}

fn without_last_word(text: &str) -> &str {
    let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    if text.len() - start > MAX_CUT_WORD_BYTES {
        return text;
    }
    // White space of several bytes ends where the next character begins.
    text.get(..start).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, text: &str, end: TextEnd) -> String {
        let mut mask = RecordMask::new(Arc::default());
        let captured = CapturedText {
            text: text.to_owned(),
            end,
        };
        let first = mask.text(name, &captured).into_owned();
        assert_eq!(mask.text(name, &captured), first, "also when remembered");
        first
    }

    #[test]
    fn fields_are_masked_by_name_and_value() {
        assert_eq!(shown("password", "abc", TextEnd::Whole), "******");
        assert_eq!(shown("peer", "10.0.0.7", TextEnd::Whole), "10.0.0.7");
        let url = "postgres://app:hunter2@db/app";
        assert_eq!(
            shown("url", url, TextEnd::Whole),
            "postgres://app:******@db/app"
        );
    }

    #[test]
    fn messages_are_masked_by_value() {
        assert_eq!(
            shown("", "sent password=hunter2", TextEnd::Whole),
            "sent password=******"
        );
        assert_eq!(
            shown("", "42 blocks evicted", TextEnd::Whole),
            "42 blocks evicted"
        );
    }

    #[test]
    fn a_cut_text_never_ends_in_a_secret() {
        assert_eq!(
            shown("", "token ghp_abcdef", TextEnd::Cut),
            "token ... (cut)"
        );
        let long = format!("x {}", "y".repeat(MAX_CUT_WORD_BYTES + 1));
        assert_eq!(shown("", &long, TextEnd::Cut), format!("{long}... (cut)"));
    }

    #[test]
    fn a_failed_text_is_shown_with_a_mark() {
        assert_eq!(shown("value", "half", TextEnd::Failed), "half... (failed)");
        assert_eq!(
            shown("password", "half", TextEnd::Failed),
            "******... (failed)"
        );
    }

    #[test]
    fn numbers_are_hidden_by_name() {
        let mut mask = RecordMask::new(Arc::default());
        assert!(mask.hides_numbers("password"));
        assert!(!mask.hides_numbers("blocks"));
        assert!(mask.hides_numbers("password"), "also when remembered");
    }
}
