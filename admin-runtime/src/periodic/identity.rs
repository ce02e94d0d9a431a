//! What never changes about a periodic thread.

use std::sync::Arc;

use super::settings::Settings;
use crate::source::SourceLocation;
use crate::text::one_line;

/// Name, settings and origin of one thread.
#[derive(Clone, Debug)]
pub(super) struct ThreadIdentity {
    pub(super) name: Arc<str>,
    /// The doc comment of the function; empty for a thread built at run time.
    pub(super) docs: &'static str,
    pub(super) settings: Settings,
    /// Where the function was written; `None` for a thread built at run time.
    pub(super) source: Option<SourceLocation>,
}

/// Checks that a name can be an OS thread's name, a label and a segment of a path.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    const MAX_NAME_BYTES: usize = 255;
    if name.is_empty() {
        return Err("the name is empty".to_owned());
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(format!(
            "the name has {} bytes: at most {MAX_NAME_BYTES}",
            name.len()
        ));
    }
    if name == "." || name == ".." {
        return Err("a path can never contain this name: clients normalise it away".to_owned());
    }
    match name.chars().find(|c| c.is_control()) {
        Some(c) => Err(format!("the name contains the control character {c:?}")),
        None if one_line(name) != name => Err(format!(
            "the name contains an invisible or bidirectional character: {}",
            one_line(name)
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_contain_any_printable_text() {
        let longest = "x".repeat(255);
        for name in [
            "heartbeat",
            "a/b",
            "\"quoted\"",
            "größe 漢",
            "e\u{301}",
            "...",
            "a%2Fb",
            &longest,
        ] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let hidden = ["zw\u{200b}x", "a\u{202e}b", "a\u{3164}"];
        let refused = ["", ".", "..", "a\0b", "a\nb", &format!("{longest}x")];
        for name in refused.into_iter().chain(hidden) {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
