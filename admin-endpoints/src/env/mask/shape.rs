//! Tokens that are known by their form, wherever they are.

use std::sync::LazyLock;

use super::redaction::Secrets;
use super::token_forms::{PREFIXES, SECRET_INFIXES, WORD_PREFIXES};
use super::values::is_random;

/// The shortest token: a beginning that only tokens have, and what must follow it.
const MIN_TOKEN_BYTES: usize = 7;

/// The shortest token with an infix.
const MIN_NAMED_TOKEN_BYTES: usize = 18;

/// What must follow a beginning that only tokens have.
const MIN_TAIL_BYTES: usize = 4;

/// What begins a base64 text of a PEM block, and what follows if the block is public.
const BASE64_PEM: &str = "LS0tLS1CRUdJTi";
const BASE64_PUBLIC_BLOCKS: &[&str] = &["BDRVJUSUZJQ0FU", "BQVUJMSUM"];

/// What begins the base64 text of a JSON object: tokens and keys of service accounts.
const BASE64_JSON: &str = "eyJ";

/// Runs without a known beginning must be this long to be taken for random.
const MIN_RANDOM_BYTES: usize = 32;

/// What follows a beginning that names a service.
const MIN_RANDOM_TAIL_BYTES: usize = 22;

/// The longest name of a key before the key.
const MAX_KEY_NAME_BYTES: usize = 64;

/// What begins a certificate with its private key as the address of its own text.
const PKCS12_DATA: &str = "data:application/x-pkcs12;base64,";

/// The beginning of a token.
struct KnownPrefix {
    text: &'static str,
    /// How much must follow a beginning that ordinary words have too.
    word_tail_bytes: Option<usize>,
}

/// All beginnings, sorted by their first bytes.
static KNOWN_PREFIXES: LazyLock<Vec<KnownPrefix>> = LazyLock::new(|| {
    let only = PREFIXES.iter().map(|text| KnownPrefix {
        text,
        word_tail_bytes: None,
    });
    let words = WORD_PREFIXES.iter().map(|(text, min)| KnownPrefix {
        text,
        word_tail_bytes: Some(*min),
    });
    let mut all: Vec<_> = only.chain(words).collect();
    all.sort_by_key(KnownPrefix::first_byte);
    all
});

impl KnownPrefix {
    fn first_byte(&self) -> Option<u8> {
        self.text.bytes().next()
    }

    fn with_first_byte_of(run: &str) -> &'static [Self] {
        let first = run.bytes().next();
        let all = &**KNOWN_PREFIXES;
        let start = all.partition_point(|prefix| prefix.first_byte() < first);
        let length = all[start..].partition_point(|prefix| prefix.first_byte() == first);
        &all[start..start + length]
    }
}

/// Finds tokens among the runs of the characters that tokens have.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let in_run = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~');
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| in_run(*b)) {
        let start = at + found;
        let end = bytes[start..].iter().position(|b| !in_run(*b));
        at = end.map_or(bytes.len(), |length| start + length);
        if at - start < MIN_TOKEN_BYTES {
            continue;
        }
        let run = &text[start..at];
        let before = text[..start].chars().next_back();
        if is_base64_secret(run) {
            at += base64_length(&text[at..]);
            secrets.push(start..at);
        } else if is_token(run)
            || is_bot_token(run, before, &text[..start])
            || is_second_half(run, &text[..start])
        {
            secrets.push(start..at);
        }
    }
}

/// Finds keys that are a `data:` URL.
pub(super) fn find_data(text: &str, secrets: &mut Secrets) {
    for (at, _) in text.match_indices(PKCS12_DATA) {
        let start = at + PKCS12_DATA.len();
        secrets.push(start..start + base64_length(&text[start..]));
    }
}

/// Finds the text itself, if all of it is one long random word.
pub(super) fn find_random(text: &str, secrets: &mut Secrets) {
    if let Some(whole) = random_text(text) {
        secrets.push(whole);
    }
}

/// Whether a run is a token; digests and public keys are not.
fn is_token(run: &str) -> bool {
    let tail_is = |prefix: &str, min: usize| {
        let tail = run.strip_prefix(prefix);
        tail.filter(|tail| tail.len() >= min)
    };
    let begins = |prefix: &KnownPrefix| match prefix.word_tail_bytes {
        None => tail_is(prefix.text, MIN_TAIL_BYTES).is_some(),
        Some(min) => tail_is(prefix.text, min).is_some_and(is_tail),
    };
    KnownPrefix::with_first_byte_of(run).iter().any(begins)
        || is_access_key_id(run)
        || is_named_token(run)
        || run.contains(".atlasv1.")
        || is_mail_key(run)
        || is_client_secret(run)
        || is_pair_token(run)
        || is_okta_token(run)
        || is_nkey_seed(run)
        || run
            .strip_suffix("NRAL")
            .is_some_and(|rest| rest.len() >= 32)
}

/// What follows a prefix is not a word or a version: `hf_transfer` and `npm_10.2` are not tokens.
fn is_tail(tail: &str) -> bool {
    let has = |is: fn(&u8) -> bool| tail.as_bytes().iter().any(is);
    has(u8::is_ascii_uppercase) || (tail.len() >= 16 && has(u8::is_ascii_digit)) || tail.len() >= 40
}

/// `AKIA` and similar prefixes with capitals and digits.
fn is_access_key_id(run: &str) -> bool {
    let rest = ["AKIA", "ASIA", "ABIA", "ACCA"]
        .iter()
        .find_map(|p| run.strip_prefix(p));
    rest.is_some_and(|rest| {
        rest.len() >= MIN_TAIL_BYTES
            && rest
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}

/// `acme_sk_0123abcd...`, unless it says that it is public.
fn is_named_token(run: &str) -> bool {
    if run.len() < MIN_NAMED_TOKEN_BYTES || !run.contains(['_', '-']) {
        return false;
    }
    let lower_head = |head: &str| head.len() <= 12 && head.bytes().all(|b| b.is_ascii_lowercase());
    let named = SECRET_INFIXES.iter().any(|infix| {
        let parts = run.split_once(infix);
        parts.is_some_and(|(head, tail)| {
            lower_head(head)
                && head != "pk"
                && tail.len() >= 16
                && is_tail(tail)
                && is_one_word(tail)
        })
    });
    let random = || {
        let (head, tail) = run.split_once(['_', '-'])?;
        Some(
            lower_head(head)
                && head != "pk"
                && tail.len() >= MIN_RANDOM_TAIL_BYTES
                && is_random(tail),
        )
    };
    let digest = run.starts_with("sha") || run.starts_with("md5");
    named || (!digest && random().unwrap_or(false))
}

fn is_one_word(tail: &str) -> bool {
    tail.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && tail.bytes().any(|b| b.is_ascii_digit())
        && tail.bytes().filter(|b| b"_-".contains(b)).count() <= 2
}

/// A Mailchimp key: 32 hexadecimal digits and a data centre.
fn is_mail_key(run: &str) -> bool {
    let parts = run
        .split_once("-us")
        .filter(|(_, centre)| !centre.is_empty());
    parts.is_some_and(|(key, centre)| {
        key.len() == 32
            && key.bytes().all(|b| b.is_ascii_hexdigit())
            && centre.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A client secret of Microsoft's identity platform: `abc8Q~...`.
fn is_client_secret(run: &str) -> bool {
    run.get(3..6)
        .is_some_and(|mark| mark.ends_with("Q~") && mark.as_bytes()[0].is_ascii_digit())
        && run.len() >= 30
}

/// Base64 of a JSON object or of a PEM block that is not public.
fn is_base64_secret(run: &str) -> bool {
    (run.starts_with(BASE64_JSON) && run.len() >= 16)
        || run.strip_prefix(BASE64_PEM).is_some_and(|rest| {
            !BASE64_PUBLIC_BLOCKS
                .iter()
                .any(|block| rest.starts_with(block))
        })
}

/// The second half of a Telegram bot's `123456:AAB...`.
fn is_bot_token(run: &str, before: Option<char>, head: &str) -> bool {
    if before != Some(':') || run.len() < 10 || !run.bytes().any(|b| b.is_ascii_uppercase()) {
        return false;
    }
    let head = &head.as_bytes()[..head.len() - 1];
    let digits = head
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .take(16)
        .count();
    (6..16).contains(&digits) && !run.contains('.')
}

/// What follows the name of a key: `SK0123...:secret` of Twilio, `*:production.0123...` of Unleash,
/// `1/1204567890:0123...` and `0/0123...` of Asana.
fn is_second_half(run: &str, head: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_id = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'/');
    let head = &head[head.ceil_char_boundary(head.len().saturating_sub(MAX_KEY_NAME_BYTES))..];
    let begins = head.rsplit(|c: char| c.is_whitespace() || "\"'`=,;".contains(c));
    let begin = begins.into_iter().next().unwrap_or_default();
    let Some(name) = begin.strip_suffix(':') else {
        return matches!(begin, "0/" | "1/" | "2/") && run.len() >= 24 && is_hex(run);
    };
    let twilio = ["SK", "AC"].iter().any(|kind| {
        let id = name.strip_prefix(kind);
        id.is_some_and(|id| id.len() == 32 && is_hex(id))
    });
    let asana = || name.len() > 10 && name.get(1..2) == Some("/") && is_id(name) && is_hex(run);
    let unleash = || {
        let digits = run.split_once('.').map_or("", |(_, digits)| digits);
        is_hex(digits) && (digits.len() >= 56 || (digits.len() >= 32 && matches!(name, "*" | "[]")))
    };
    (twilio && run.len() >= 16) || (asana() && run.len() >= 24) || unleash()
}

/// The length of the rest of a base64 text.
fn base64_length(rest: &str) -> usize {
    let in_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    rest.find(|c| !in_base64(c)).unwrap_or(rest.len())
}

/// The text itself, if all of it is one long random word.
fn random_text(text: &str) -> Option<std::ops::Range<usize>> {
    let word = text.trim();
    let start = text.len() - text.trim_start().len();
    let base64 = word
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b));
    let public = ["AAAA", "/", "sha", BASE64_PEM]
        .iter()
        .any(|start| word.starts_with(start))
        || has_uuid(word);
    (word.len() >= MIN_RANDOM_BYTES && base64 && !public && is_random(word))
        .then_some(start..start + word.len())
}

/// Whether a word has a UUID in it, which names something: `GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a`.
fn has_uuid(word: &str) -> bool {
    let mut groups = [0; 5];
    for group in word.split('-') {
        groups.rotate_left(1);
        let is_hex = group.bytes().all(|b| b.is_ascii_hexdigit());
        groups[4] = if is_hex { group.len() } else { 0 };
        if groups == [8, 4, 4, 4, 12] {
            return true;
        }
    }
    false
}

/// A personal access token of Airtable: an identifier and 64 hexadecimal digits.
fn is_pair_token(run: &str) -> bool {
    run.strip_prefix("pat")
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(id, secret)| {
            id.len() == 14 && secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

/// A seed of NATS: 58 characters of base32 that begin with `S` and the kind.
fn is_nkey_seed(run: &str) -> bool {
    run.len() == 58
        && run.starts_with('S')
        && run
            .as_bytes()
            .get(1)
            .is_some_and(|kind| b"UAONCX".contains(kind))
        && run
            .bytes()
            .all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
}

/// A token of Okta: 42 characters that begin with `00`.
fn is_okta_token(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    run.starts_with("00")
        && (40..=44).contains(&run.len())
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && !run.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let find_both = |text: &str, secrets: &mut Secrets| {
            find(text, secrets);
            find_random(text, secrets);
        };
        Secrets::redact_found_by(find_both, text)
    }

    #[test]
    fn no_token_is_shorter_than_the_shortest() {
        for prefix in KNOWN_PREFIXES.iter() {
            let tail = prefix.word_tail_bytes.unwrap_or(MIN_TAIL_BYTES);
            assert!(
                prefix.text.len() + tail >= MIN_TOKEN_BYTES,
                "{}",
                prefix.text
            );
        }
        for infix in SECRET_INFIXES {
            assert!(infix.len() + 16 >= MIN_NAMED_TOKEN_BYTES, "{infix}");
            assert!(infix.contains(['_', '-']), "{infix}");
        }
        const { assert!(1 + MIN_RANDOM_TAIL_BYTES >= MIN_NAMED_TOKEN_BYTES) };
    }

    #[test]
    fn tokens_are_hidden_wherever_they_are() {
        for (text, shown) in [
            ("a ghp_0aB9, b", "a ******, b"),
            ("AKIAIOSFODNN7EXAMPLE", "******"),
            ("x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "x=******"),
            ("eyJ0eXBlIjoic2VydmljZSJ9+/==", "******"),
            ("acme_sk_0123456789abcdefABCD", "******"),
            ("abc8Q~0123456789abcdefghijklmnop", "******"),
            (
                "bot123456789:AAFake-0123_x/send",
                "bot123456789:******/send",
            ),
            ("wJ4lrXUtnFEMI/K7MDENG/bPxRfiCYEXA3PLEKEY", "******"),
            ("LS0tLS1CRUdJTiBQUklWQVRF", "******"),
            (
                "SK0123456789abcdef0123456789abcdef:abcdefghijklmnop",
                "SK0123456789abcdef0123456789abcdef:******",
            ),
            ("*:production.0123456789abcdef0123456789abcdef", "*:******"),
            (
                "1/1204567890:0123456789abcdef0123456789abcdef",
                "1/1204567890:******",
            ),
            ("0/0123456789abcdef0123456789abcdef", "0/******"),
            ("00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcD", "******"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn ordinary_texts_are_shown_whole() {
        for text in [
            "hf_transfer",
            "npm_config_cache",
            "pk_live_0123456789abcdefABCDEF01",
            "sk-learn",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake user@host",
            "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
            "127.0.0.1:8080",
            "app:main.0123456789abcdef0123456789abcdef01234567",
            "h:1/0123456789abcdef0123456789abcdef",
            "GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
