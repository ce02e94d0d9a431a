//! Which values are secrets.

use super::MASKED;

/// Parts of a key, wherever they stand in it.
const PARTS: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "credential",
    "session",
    "cookie",
];

/// Whole words of a key; too short to be looked for inside others.
const WORDS: [&str; 6] = ["dsn", "pwd", "pass", "pw", "creds", "jwt"];

/// Keys that are no secret, whatever their words say: the working directories of a shell.
const NONE: [&str; 2] = ["PWD", "OLDPWD"];

/// Whether a variable of this name holds a secret. `extra` are further parts of names.
pub(super) fn is_secret(key: &str, extra: &[String]) -> bool {
    let folded = fold(key);
    if extra
        .iter()
        .map(|part| fold(part))
        .any(|part| !part.is_empty() && folded.contains(&part))
    {
        return true;
    }
    if NONE.contains(&key) {
        return false;
    }
    let mut words = key
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    PARTS.iter().any(|part| folded.contains(part))
        || folded.ends_with("dsn")
        || says_auth(&folded)
        || words
            .clone()
            .any(|word| WORDS.contains(&fold(word).as_str()))
        || words
            .next_back()
            .is_some_and(|last| matches!(fold(last).as_str(), "key" | "keys"))
}

/// Lower case, letters and digits only, so that `API-Key`, `apiKey` and `API_KEY` are one.
fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// `auth`, but not as the head of `author`.
fn says_auth(folded: &str) -> bool {
    folded.match_indices("auth").any(|(at, _)| {
        let rest = &folded[at + 4..];
        !rest.starts_with("or") || rest.starts_with("oriz") || rest.starts_with("oris")
    })
}

/// The value with the password of every URL in it masked.
pub(super) fn without_url_passwords(value: &str) -> String {
    let mut shown = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "\"'<>,;".contains(c));
        // A separator may stand inside a password: it ends the URL only if no `@` follows it.
        let end = match end {
            Some(end) if !after[end..].contains('@') => end,
            _ => after
                .find(|c: char| c.is_whitespace() || c == '"')
                .unwrap_or(after.len()),
        };
        let (url, tail) = after.split_at(end);
        let stop = url.find("://").map_or(url.len(), |next| url[..next].len());
        match password(&url[..stop]) {
            Some((from, to)) => {
                shown.push_str(&url[..from]);
                shown.push_str(MASKED);
                rest = &after[to..];
            }
            None => {
                shown.push_str(&url[..stop]);
                rest = if stop < url.len() {
                    &after[stop..]
                } else {
                    tail
                };
            }
        }
    }
    shown.push_str(rest);
    shown
}

/// Where the password of `user:password@host...` stands.
fn password(url: &str) -> Option<(usize, usize)> {
    let authority = url.find(['/', '?', '#']).unwrap_or(url.len());
    let colon = url[..authority].find(':')?;
    let end = match url[..authority].rfind('@') {
        Some(at) => at,
        // `user:pa/ss@host`: what follows the colon is no port, so the password goes on.
        None if !url[colon + 1..authority]
            .bytes()
            .all(|b| b.is_ascii_digit()) =>
        {
            url.rfind('@')?
        }
        None => return None,
    };
    (colon < end).then_some((colon + 1, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_secrets() {
        for key in [
            "PASSWORD",
            "db_passwd",
            "MY_SECRET_1",
            "GITHUB_TOKEN",
            "ApiKey",
            "AWS_ACCESS_KEY_ID",
            "SSH_PRIVATE_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "HTTP_AUTH",
            "AUTHORIZATION",
            "OAUTH2_X",
            "PHPSESSION",
            "SENTRY_DSN",
            "sentryDsn",
            "DB_PWD",
            "REDIS_PASS",
            "STRIPE_KEY",
            "ENCRYPTION_KEY",
            "access-key",
            "x.api.key",
            "JWT",
        ] {
            assert!(is_secret(key, &[]), "{key}");
        }
    }

    #[test]
    fn names_that_do_not() {
        for key in [
            "HOME",
            "PATH",
            "PWD",
            "OLDPWD",
            "GIT_AUTHOR_NAME",
            "AUTHOR",
            "KEYBOARD",
            "KEY_COUNT",
            "COMPASS_HOME",
            "PASSES",
            "MONKEY",
            "RUST_LOG",
            "LANG",
        ] {
            assert!(!is_secret(key, &[]), "{key}");
        }
    }

    #[test]
    fn passwords_of_urls() {
        for (value, shown) in [
            ("postgres://u:p@h:5432/db", "postgres://u:******@h:5432/db"),
            (
                "x=redis://:p@h,amqp://a:b@c/d",
                "x=redis://:******@h,amqp://a:******@c/d",
            ),
            ("http://h:80/a@b", "http://h:80/a@b"),
            ("http://u@h/", "http://u@h/"),
            ("http://u:p@ss@h/x", "http://u:******@h/x"),
            ("http://u:pa/ss@h/x", "http://u:******@h/x"),
            ("http://u:a,b@h/x", "http://u:******@h/x"),
            ("no url: a@b", "no url: a@b"),
            ("http://h/?x=1", "http://h/?x=1"),
            ("://", "://"),
            ("a://b://c:d@e", "a://b://c:******@e"),
            ("http://u:ü@h", "http://u:******@h"),
        ] {
            assert_eq!(without_url_passwords(value), shown, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_password_survives(user in "[a-z]{0,5}", password in "[A-Z0-9!$&*+=._~-]{8,20}", host in "[a-z]{1,8}") {
            let value = format!("before mysql://{user}:{password}@{host}/db after");
            proptest::prop_assert!(!without_url_passwords(&value).contains(&password));
        }

        #[test]
        fn any_text_passes(value in ".{0,60}") {
            let shown = without_url_passwords(&value);
            if !value.contains('@') {
                proptest::prop_assert_eq!(shown, value);
            }
        }
    }
}
