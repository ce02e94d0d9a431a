//! Passwords and tokens before the `@` of a URL, even where they are not encoded as they should be.

use std::ops::Range;

use super::redaction::Secrets;
use super::values::is_opaque;

/// Longer names of users without a password are tokens if they are not plain words.
const MIN_TOKEN_USER_BYTES: usize = 16;

/// Schemes whose paths often have an `@`, so that `host:80/a@b` has a port and no password.
const PATH_SCHEMES: &[&str] = &["http", "https", "ws", "wss", "git", "file", "ipfs"];

/// Schemes where a user without a password is one.
const TOKEN_USER_SCHEMES: &[&str] = &["redis", "rediss", "nats"];

/// Finds the secret part of the user information of every URL.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let mut starts = text.match_indices("//").peekable();
    let mut line_end = 0;
    while let Some((slashes, _)) = starts.next() {
        let start = slashes + "//".len();
        if line_end < start {
            line_end = text[start..]
                .find('\n')
                .map_or(text.len(), |end| start + end);
        }
        let next = starts.peek().map_or(text.len(), |(next, _)| *next);
        let url = if text[..slashes].ends_with(':') {
            let scheme = name_before(text, slashes - 1);
            // The next URL ends this one, a double slash inside this one does not.
            let limit = match text[start..line_end].find("://") {
                Some(found) => start + found - name_before(text, start + found).len(),
                None => line_end,
            };
            Url {
                text,
                scheme,
                start,
                limit: limit.max(start),
            }
        } else if text[..slashes]
            .chars()
            .next_back()
            .is_none_or(|c| " \t\n\"'=,;".contains(c))
        {
            let limit = text[start..next]
                .find(char::is_whitespace)
                .map_or(next, |end| start + end);
            Url {
                text,
                scheme: "",
                start,
                limit,
            }
        } else {
            continue;
        };
        if let Some(at_sign) = url.end_of_user_info() {
            secrets.push(url.secret_of_user_info(at_sign));
        }
    }
}

/// The scheme that ends at `end`.
fn name_before(text: &str, end: usize) -> &str {
    let in_scheme = |c: &char| c.is_ascii_alphanumeric() || "+.-".contains(*c);
    let length = text[..end]
        .chars()
        .rev()
        .take_while(in_scheme)
        .take(32)
        .count();
    &text[end - length..end]
}

/// A URL in a text; `start` is behind its `//`, and it ends before `limit`.
struct Url<'t> {
    text: &'t str,
    scheme: &'t str,
    start: usize,
    limit: usize,
}

impl Url<'_> {
    /// Where the `@` after the user information is.
    fn end_of_user_info(&self) -> Option<usize> {
        let rest = &self.text[self.start..self.limit];
        let is_end = |c: char| c.is_whitespace() || "\"'<>`".contains(c);
        let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        let authority = &word[..word.find(['/', '?', '#']).unwrap_or(word.len())];
        let at_sign = if let Some(first) = authority.find('@') {
            if self.has_paths() {
                authority.rfind('@')
            } else {
                let query = word[first..]
                    .find('?')
                    .map_or(word.len(), |query| first + query);
                // The host may be missing: `sqs://KEY:SECRET@`.
                last_before_host(&word[..query]).or_else(|| authority.rfind('@'))
            }
        } else {
            let (user, port) = authority.split_once(':')?;
            let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            if user.starts_with('[') || (is_port && self.has_paths() && !user.is_empty()) {
                None
            } else if is_port {
                last_before_host(word)
            } else {
                // What follows the colon is not a port, so it is a password with a separator in it.
                last_before_host(word).or_else(|| rest.find('@'))
            }
        };
        at_sign.map(|at| self.start + at)
    }

    fn has_paths(&self) -> bool {
        PATH_SCHEMES
            .iter()
            .any(|scheme| self.scheme.eq_ignore_ascii_case(scheme))
    }

    /// The password, or the user if there is none and the user looks like a token.
    fn secret_of_user_info(&self, at_sign: usize) -> Range<usize> {
        let user_info = &self.text[self.start..at_sign];
        match user_info.split_once(':') {
            Some((user, "")) => self.start..self.start + user.len(),
            Some((user, _)) => self.start + user.len() + 1..at_sign,
            None if self.is_token(user_info) => self.start..at_sign,
            None => at_sign..at_sign,
        }
    }

    fn is_token(&self, user: &str) -> bool {
        TOKEN_USER_SCHEMES
            .iter()
            .any(|scheme| self.scheme.eq_ignore_ascii_case(scheme))
            || (user.len() >= MIN_TOKEN_USER_BYTES && is_opaque(user))
    }
}

/// The last `@` that a host may follow.
fn last_before_host(text: &str) -> Option<usize> {
    let mut at_signs = text.rmatch_indices('@').map(|(at, _)| at);
    at_signs.find(|at| {
        let host = text[at + 1..].chars().next();
        host.is_some_and(|c| c.is_alphanumeric() || "[_(%".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Secrets::redact_found_by(find, text)
    }

    #[test]
    fn passwords_are_hidden_and_the_rest_is_shown() {
        for (text, shown) in [
            ("postgres://u:p@h:5432/db", "postgres://u:******@h:5432/db"),
            (
                "x=redis://:p@h,amqp://a:b@c/d",
                "x=redis://:******@h,amqp://a:******@c/d",
            ),
            ("http://u:p@ss@h/x", "http://u:******@h/x"),
            ("http://u:pa/ss@h/x", "http://u:******@h/x"),
            ("http://u:a,b@h/x", "http://u:******@h/x"),
            ("a://b://c:d@e", "a://b://c:******@e"),
            ("http://u:ü@h", "http://u:******@h"),
            ("pg://u:pa ss@h/d", "pg://u:******@h/d"),
            ("pg://u:pa\"ss@h/d", "pg://u:******@h/d"),
            ("pg://u:p@s/s@h/d?x=a@b", "pg://u:******@h/d?x=a@b"),
            ("pg://u:123/45@h/d", "pg://u:******@h/d"),
            ("//u:p@h/x", "//u:******@h/x"),
            ("HTTP://U:P@H", "HTTP://U:******@H"),
            (
                "http://a:b@h/ and http://c:d@h",
                "http://a:******@h/ and http://c:******@h",
            ),
            ("rediss://abc@h:6379", "rediss://******@h:6379"),
            ("nats://abc@h:4222", "nats://******@h:4222"),
            ("sqs://KEY:SECRET@", "sqs://KEY:******@"),
            ("redis://:pw@", "redis://:******@"),
            ("https://0123456789abcdef@h/1", "https://******@h/1"),
            ("https://token:@h/1", "https://******:@h/1"),
        ] {
            assert_eq!(masked(text), shown);
            assert_eq!(masked(shown), shown);
        }
    }

    #[test]
    fn urls_without_secrets_are_shown_whole() {
        for text in [
            "http://h:80/a@b",
            "http://u@h/",
            "git+ssh://git@github.com/a/b",
            "https://docs.example/a/@scope/pkg?x=1#top",
            "http://[::1]:80/a@b",
            "no url: a@b",
            "https://h:8443/?mail=a@b.example",
            "://",
            "//",
            "a://b://c",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_password_survives(user in "[a-z]{0,5}", password in "[A-Z0-9!$&*+=._~-]{8,20}", host in "[a-z]{1,8}") {
            let text = format!("before mysql://{user}:{password}@{host}/db after");
            proptest::prop_assert!(!masked(&text).contains(&password));
        }
    }
}
