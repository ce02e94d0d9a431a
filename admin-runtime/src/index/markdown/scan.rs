//! Where code, brackets and emphasis end.

/// The code between two runs of equally many backticks, and what follows.
pub(super) fn code_span(rest: &str) -> Option<(&str, &str)> {
    let run = rest.len() - rest.trim_start_matches('`').len();
    let inside = &rest[run..];
    let mut from = 0;
    while let Some(at) = inside[from..].find('`').map(|at| from + at) {
        let after = inside[at..].trim_start_matches('`');
        let end = inside.len() - after.len();
        if end - at == run {
            return Some((&inside[..at], after));
        }
        from = end;
    }
    None
}

/// How many bytes at the beginning are an escape or a code span, in which no mark counts.
fn opaque(rest: &str) -> usize {
    match rest.as_bytes().first() {
        Some(b'\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        Some(b'`') => match code_span(rest) {
            Some((_, after)) => rest.len() - after.len(),
            None => rest.len() - rest.trim_start_matches('`').len(),
        },
        _ => 0,
    }
}

/// Where the bracket that a text begins with is closed.
pub(super) fn end_of_brackets(text: &str, open: u8, close: u8) -> Option<usize> {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        let byte = text.as_bytes()[at];
        depth += usize::from(byte == open);
        if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
        at += opaque(&text[at..]).max(text[at..].chars().next().map_or(1, char::len_utf8));
    }
    None
}

/// Where the mark that closes emphasis begins. The mark follows a word; an underscore within a
/// word is part of it.
pub(super) fn end_of_emphasis(inside: &str, mark: &str) -> Option<usize> {
    let byte = mark.as_bytes()[0];
    let mut at = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        if rest.as_bytes()[0] != byte {
            at += opaque(rest).max(rest.chars().next().map_or(1, char::len_utf8));
            continue;
        }
        let run = rest.bytes().take_while(|next| *next == byte).count();
        let after = inside[at + run..].chars().next();
        let is_word = byte == b'_' && after.is_some_and(char::is_alphanumeric);
        // A longer run closes what is inside first.
        let fits = run == mark.len() || run > 2;
        let follows_text = at > 0 && !inside[..at].ends_with([' ', '\n']);
        if fits && follows_text && !is_word {
            return Some(at + run - mark.len());
        }
        at += run;
    }
    None
}

pub(super) fn is_web_address(target: &str) -> bool {
    let rest = target.strip_prefix("https://");
    let rest = rest.or_else(|| target.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}
