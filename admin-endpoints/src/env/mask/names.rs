//! What the name of a variable, a field or a parameter says about its value.

use super::values::{
    is_empty_or_bool, is_file_path, is_fingerprints, is_number, is_opaque, is_public_key,
};
use super::vocabulary::{
    ABOUT_WORDS, DOCUMENTS, FORMAT_WORDS, IDENTIFIER_WORDS, JOINED_TAILS, KEY_USES,
    ORDINARY_KEY_HEADS, ORDINARY_NAMES, ORDINARY_PASS_HEADS, ORDINARY_TOKEN_HEADS, PASSWORD_HEADS,
    PUBLIC_WORDS, QUESTION_WORDS, SECRET_KEY_HEADS, SECRET_NAMES, SECRET_PREFIXES,
    SECRET_TOKEN_HEADS, SECRET_WORDS,
};
use super::words;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameClass {
    /// The value is a secret.
    Secret,
    /// The value is a secret unless it looks like an ordinary word, number or path.
    Likely,
    /// The value may be `user:password`, a token or the name of a method of authentication.
    Login,
    /// The value may be `user:password` or the name of a user.
    User,
    /// The value holds HTTP headers, and each of them is as a [`NameClass::Likely`] one.
    Headers,
    /// The value is the address of a webhook, whose path is a secret.
    Webhook,
    /// Nothing: only the value itself counts.
    Plain,
}

/// Judges a name by its last word, and by the one before it where that is not enough.
pub(super) fn classify(name: &str) -> NameClass {
    if ORDINARY_NAMES.contains(&name) {
        return NameClass::Plain;
    }
    if SECRET_NAMES.contains(&name) || SECRET_PREFIXES.iter().any(|p| name.starts_with(p)) {
        return NameClass::Secret;
    }
    if is_bundler_credential(name) {
        return NameClass::Login;
    }
    let words = words::split(name);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    let all = words.len();
    while words.len() > 1 && words.last().is_some_and(|w| FORMAT_WORDS.contains(w)) {
        words.pop();
    }
    let is_document = words.len() < all && words.last().is_some_and(|w| DOCUMENTS.contains(w));
    let is_question = words.len() > 1 && QUESTION_WORDS.contains(&words[0]);
    let class = match words[..] {
        [.., before, "key"]
            if !PUBLIC_WORDS.contains(&before)
                && words.iter().any(|word| KEY_USES.contains(word)) =>
        {
            NameClass::Secret
        }
        [.., before, last] => by_last_word(Some(before), last)
            .unwrap_or_else(|| by_earlier_words(&words[..words.len() - 1], last)),
        [last] => by_last_word(None, last).unwrap_or(NameClass::Plain),
        [] => NameClass::Plain,
    };
    match class {
        NameClass::Secret if is_question => NameClass::Likely,
        NameClass::Plain if is_document => NameClass::Secret,
        class => class,
    }
}

/// `BUNDLE_GEMS__EXAMPLE__COM`: what Bundler sends to a host.
fn is_bundler_credential(name: &str) -> bool {
    name.starts_with("BUNDLE_") && name.contains("__")
}

/// Whether the value of a name of this class is a secret as a whole.
pub(super) fn is_secret_value(name: &str, class: NameClass, value: &str) -> bool {
    if is_empty_or_bool(value) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    match class {
        NameClass::Secret if is_file_path(value) => name.contains("password"),
        NameClass::Secret if is_number(value) => {
            let pin_of_hardware = name.ends_with("pin") && value.len() < 4;
            !(pin_of_hardware || name.ends_with("tokens"))
        }
        // The identifiers of keys, which images use to check what they download.
        NameClass::Secret if is_fingerprints(value) => {
            !(name.contains("gpg") || name.contains("pgp"))
        }
        NameClass::Secret | NameClass::Likely if is_public_key(value) => false,
        NameClass::Secret => true,
        NameClass::Likely | NameClass::Login => is_opaque(value),
        NameClass::User | NameClass::Headers | NameClass::Webhook | NameClass::Plain => false,
    }
}

/// Whether a name says that its value is about a secret, and none.
pub(super) fn is_about(name: &str) -> bool {
    let words = words::split(name);
    words
        .last()
        .is_some_and(|last| ABOUT_WORDS.contains(&last.as_str()))
}

/// Whether a name says that its value is public or names something, however random it looks.
pub(super) fn is_public(name: &str) -> bool {
    let words = words::split(name);
    words
        .last()
        .is_some_and(|last| IDENTIFIER_WORDS.contains(&last.as_str()))
        || words
            .iter()
            .any(|word| PUBLIC_WORDS.contains(&word.as_str()))
        || words.windows(2).any(|pair| pair == ["site", "key"])
}

fn by_last_word(before: Option<&str>, last: &str) -> Option<NameClass> {
    let before_is = |list: &[&str]| before.is_some_and(|before| list.contains(&before));
    Some(match last {
        "key" | "keys" if before_is(SECRET_KEY_HEADS) => NameClass::Secret,
        "keys" if before_is(SECRET_TOKEN_HEADS) => NameClass::Secret,
        "key" | "keys" if before_is(ORDINARY_KEY_HEADS) => NameClass::Plain,
        "key" => NameClass::Likely,
        "keys" => NameClass::Plain,
        "token" if before_is(ORDINARY_TOKEN_HEADS) => NameClass::Plain,
        "tokens" if before_is(SECRET_TOKEN_HEADS) => NameClass::Secret,
        "pass" if before_is(ORDINARY_PASS_HEADS) => NameClass::Plain,
        "phrase" if before_is(&["seed", "pass", "recovery", "secret", "mnemonic"]) => {
            NameClass::Secret
        }
        "string" | "code" | "codes"
            if before_is(&["secret", "auth", "pairing", "recovery", "backup"]) =>
        {
            NameClass::Likely
        }
        "auth" | "basic" | "login" | "userinfo" => NameClass::Login,
        "user" | "users" | "username" | "userpass" => NameClass::User,
        "info" if before_is(&["user"]) => NameClass::Login,
        "headers" | "header" if before.is_some() => NameClass::Headers,
        "webhook" | "webhooks" | "hook" => NameClass::Webhook,
        "url" | "uri" if before_is(&["webhook", "hook"]) => NameClass::Webhook,
        "pin" | "salt" => NameClass::Secret,
        "string" if before_is(&["community"]) => NameClass::Secret,
        "community" if before_is(&["snmp"]) => NameClass::Secret,
        "sk" | "seed" | "nonce" | "hmac" | "cookies" | "signature" | "private" | "signing" => {
            NameClass::Likely
        }
        _ if SECRET_WORDS.contains(&last) || is_secret_join(last) => NameClass::Secret,
        _ => return None,
    })
}

/// A name with a secret word that is not the last: `DB_PASSWORD_ANALYTICS`.
fn by_earlier_words(earlier: &[&str], last: &str) -> NameClass {
    if ABOUT_WORDS.contains(&last) {
        return NameClass::Plain;
    }
    let pairs = earlier.iter().enumerate().map(|(at, word)| {
        let before = at.checked_sub(1).map(|before| earlier[before]);
        by_last_word(before, word)
    });
    if pairs.into_iter().any(|c| c == Some(NameClass::Secret)) {
        NameClass::Likely
    } else {
        NameClass::Plain
    }
}

/// Words written as one, such as `dbpass`, `sshkey` or `keystorepassword`.
fn is_secret_join(word: &str) -> bool {
    let head_of = |tail| {
        word.strip_suffix(tail)
            .filter(|head: &&str| !head.is_empty())
    };
    JOINED_TAILS.iter().any(|tail| head_of(tail).is_some())
        || ["pass", "pw", "pin", "auth"]
            .iter()
            .filter_map(head_of)
            .any(|head| PASSWORD_HEADS.contains(&head))
        || ["key", "keys"]
            .iter()
            .filter_map(head_of)
            .any(ends_in_secret_key_head)
}

/// Accepts `api` and `myapi`, but not `packed`, which ends in `ed`.
fn ends_in_secret_key_head(head: &str) -> bool {
    let mut known = SECRET_KEY_HEADS.iter();
    known.any(|known| head == *known || (known.len() > 3 && head.ends_with(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_keys_are_not_secret() {
        let is_secret = |name, value| is_secret_value(name, classify(name), value);
        assert!(!is_secret(
            "GPG_KEY",
            "7169605F62C751356D054A26A821E680E5FA6305"
        ));
        assert!(!is_secret("GPG_KEYS", "7169605F62C75135 6D054A26A821E680"));
        assert!(is_secret("GPG_KEY", "lQdGBGFakeFake"));
        assert!(!is_secret("STRIPE_KEY", "pk_live_51Hfake"));
    }

    #[test]
    fn the_last_word_of_a_name_decides() {
        for (name, class) in [
            ("DB_PASSWORD", NameClass::Secret),
            ("MY_SECRET_1", NameClass::Secret),
            ("GITHUB_TOKEN", NameClass::Secret),
            ("ApiKey", NameClass::Secret),
            ("PGPASSWORD", NameClass::Secret),
            ("SMTPPASS", NameClass::Secret),
            ("MASTERKEY", NameClass::Secret),
            ("GPG_KEY_B64", NameClass::Secret),
            ("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", NameClass::Secret),
            ("ENCRYPTION_PUBLIC_KEY", NameClass::Plain),
            ("RECAPTCHA_SITE_KEY", NameClass::Plain),
            ("SECRET_KEY_BASE", NameClass::Secret),
            ("STRIPE_KEY", NameClass::Likely),
            ("DB_PASSWORD_ANALYTICS", NameClass::Likely),
            ("USE_API_TOKEN", NameClass::Likely),
            ("KUBECONFIG_B64", NameClass::Secret),
            ("KUBECONFIG", NameClass::Plain),
            ("HTTP_AUTH", NameClass::Login),
            ("ETCDCTL_USER", NameClass::User),
            ("OTEL_EXPORTER_OTLP_HEADERS", NameClass::Headers),
            ("ALERT_WEBHOOK_URL", NameClass::Webhook),
            ("PWD", NameClass::Plain),
            ("PUBLIC_KEY", NameClass::Plain),
            ("MAX_TOKENS", NameClass::Plain),
            ("TOKEN_LIMIT", NameClass::Plain),
            ("PAD_TOKEN", NameClass::Plain),
            ("SECRETARY", NameClass::Plain),
            ("XDG_SESSION_TYPE", NameClass::Plain),
            ("BYPASS", NameClass::Plain),
            ("TURKEY", NameClass::Plain),
            ("GIT_AUTHOR_NAME", NameClass::Plain),
            ("PASSWORD_MIN_LENGTH", NameClass::Plain),
            ("", NameClass::Plain),
        ] {
            assert_eq!(classify(name), class, "{name}");
        }
    }
}
