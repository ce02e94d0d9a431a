//! Hashes of passwords in the form of `crypt`: `$2b$12$...`, `$argon2id$...`, `pbkdf2_sha256$...`.

use super::redaction::Secrets;

/// Names of methods before a `$`.
const METHODS: &[&str] = &[
    "1",
    "2",
    "2a",
    "2b",
    "2x",
    "2y",
    "5",
    "6",
    "7",
    "y",
    "gy",
    "md5",
    "sha1",
    "apr1",
    "scrypt",
    "argon2i",
    "argon2d",
    "argon2id",
    "pbkdf2",
    "pbkdf2-sha256",
    "pbkdf2-sha512",
    "bcrypt",
    "bcrypt-sha256",
    "pbkdf2_sha256",
    "pbkdf2_sha1",
    "bcrypt_sha256",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-512",
];

/// Longer names are not those of methods.
const MAX_METHOD_BYTES: usize = 16;

/// What follows a method has at least a salt and a hash.
const MIN_HASH_BYTES: usize = 16;

/// Finds what follows the method.
pub(super) fn find(text: &str, secrets: &mut Secrets) {
    let mut searched_to = 0;
    for (at, _) in text.match_indices('$') {
        if at < searched_to || !METHODS.contains(&method_before(text, at)) {
            continue;
        }
        let rest = &text[at + 1..];
        let in_hash = |c: char| c.is_ascii_alphanumeric() || "./+=,:$*-_".contains(c);
        let length = rest.find(|c| !in_hash(c)).unwrap_or(rest.len());
        if length >= MIN_HASH_BYTES {
            searched_to = at + 1 + length;
            secrets.push(at + 1..searched_to);
        }
    }
}

fn method_before(text: &str, at: usize) -> &str {
    let in_name = |b: &u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
    let bytes = text.as_bytes()[..at].iter().rev();
    let length = bytes
        .take(MAX_METHOD_BYTES)
        .take_while(|b| in_name(b))
        .count();
    &text[at - length..at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_hidden() {
        for (text, shown) in [
            ("u:$2y$05$abcdefghijklmnopqrstuv", "u:$2y$******"),
            ("$6$salt$0123456789abcdef.", "$6$******"),
            ("pbkdf2_sha256$2600$salt$aGFzaA==", "pbkdf2_sha256$******"),
            ("$1$", "$1$"),
            (
                "echo $HOME$PATH_AND_MORE_OF_IT",
                "echo $HOME$PATH_AND_MORE_OF_IT",
            ),
        ] {
            assert_eq!(Secrets::redact_found_by(find, text), shown);
        }
    }
}
