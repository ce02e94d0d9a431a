//! Keys that the attributes have in common.

use std::time::Duration;

use proc_macro2::Ident;
use syn::LitStr;
use syn::ext::IdentExt;

use crate::args::Arguments;
use crate::duration;
use crate::errors::Errors;
use crate::words::{Keyword, parse_word};

/// A longer period, more than a leap year, is probably a wrong unit.
const MAX_PERIOD: Duration = Duration::from_secs(366 * 86_400);

/// Maximum length of a name in bytes.
const MAX_NAME_BYTES: usize = 255;

/// A duration and its literal.
pub(crate) struct GivenDuration {
    pub(crate) literal: LitStr,
    pub(crate) value: Duration,
}

/// The duration of a key.
pub(crate) fn duration_of(
    settings: &mut Arguments,
    key: &str,
    errors: &mut Errors,
) -> Option<GivenDuration> {
    let literal = settings.take_text(key, errors)?;
    let value = errors.handle(duration::parse(&literal))?;
    if value > MAX_PERIOD {
        errors.at(&literal, format!("`{key}` must be at most `366d`"));
        return None;
    }
    Some(GivenDuration { literal, value })
}

/// The word of a key.
pub(crate) fn word_of<T: Keyword>(
    settings: &mut Arguments,
    key: &str,
    errors: &mut Errors,
) -> Option<T> {
    let literal = settings.take_text(key, errors)?;
    errors.handle(parse_word(&literal))
}

/// The name; default: the name of the function.
pub(crate) fn name_of(
    settings: &mut Arguments,
    function: &Ident,
    errors: &mut Errors,
) -> Option<String> {
    if !settings.has("name") {
        return Some(function.unraw().to_string());
    }
    let literal = settings.take_text("name", errors)?;
    let name = literal.value();
    let message = if name.is_empty() {
        "the name is empty: write one, or remove `name` to use the function's".to_owned()
    } else if name.len() > MAX_NAME_BYTES {
        format!(
            "the name is {} bytes long: at most {MAX_NAME_BYTES}",
            name.len()
        )
    } else if name.chars().any(char::is_control) {
        "a name must not contain control characters".to_owned()
    } else if let Some(character) = name.chars().find(|character| is_invisible(*character)) {
        format!(
            "a name must not contain invisible or bidirectional characters: remove U+{:04X}",
            u32::from(character)
        )
    } else if name == "." || name == ".." {
        format!("`{name}` cannot be a path segment: clients normalise it away")
    } else {
        return Some(name);
    };
    errors.at(&literal, message);
    None
}

/// Whether fonts show a character as nothing, or it changes the direction of what follows.
fn is_invisible(character: char) -> bool {
    let is_blank_letter = matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    );
    let is_quoting = matches!(character, '\'' | '"' | '\\');
    // Behind a letter, because combining marks are visible there.
    let shown = format!("a{character}");
    is_blank_letter || (!is_quoting && shown.escape_debug().to_string() != shown)
}
