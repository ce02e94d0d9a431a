//! Secrets that no client can send.

/// Longest secret, in bytes: the head of a request has at most four times as many by default, and proxies
/// and clients permit less.
const MAX_BYTES: usize = 8 << 10;

/// Shorter secrets can be guessed, in characters.
const MIN_SAFE_CHARS: usize = 8;

/// Whether others can guess a secret by trying all.
pub(super) fn can_be_guessed(secret: &str) -> bool {
    secret.chars().count() < MIN_SAFE_CHARS
}

/// What is wrong with the secret of a token. The text does not repeat it.
pub(super) fn secret_problem(secret: &str) -> Option<&'static str> {
    if secret.is_empty() {
        return Some("the secret is empty: anybody could send it");
    }
    if secret.len() > MAX_BYTES {
        return Some(
            "the secret is longer than 8192 bytes, which no client can send in a header: write a shorter one, such as 32 random bytes in hexadecimal",
        );
    }
    if secret.trim() != secret {
        return Some(
            "the secret begins or ends with white space, which no client sends: write `secret.trim()`",
        );
    }
    let scheme = secret.get(.."bearer ".len()).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer ") {
        return Some("the secret begins with `Bearer `, which is not part of it: remove that word");
    }
    let is_sendable = |c: char| c.is_ascii_graphic();
    (!secret.chars().all(is_sendable)).then_some(
        "the secret has a character that a header cannot have: use ASCII letters, digits and punctuation, without spaces",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_that_no_client_can_send_is_refused() {
        for (secret, text) in [
            ("", "is empty"),
            ("s3cret\n", "`secret.trim()`"),
            (" s3cret", "`secret.trim()`"),
            ("Bearer s3cret", "remove that word"),
            ("bearer s3cret", "remove that word"),
            ("s3 cret", "without spaces"),
            ("s\u{e9}cret", "use ASCII"),
        ] {
            let problem = secret_problem(secret).unwrap_or_default();
            assert!(problem.contains(text), "{secret:?}: {problem}");
            assert!(!problem.contains("s3cret"), "{problem}");
        }
        let long = "x".repeat(MAX_BYTES + 1);
        let problem = secret_problem(&long).unwrap_or_default();
        assert!(problem.contains("longer than 8192 bytes"), "{problem}");
        assert_eq!(secret_problem(&long[1..]), None);
        for secret in ["s3cret", "a.b-c_d~e+f/g==", "bearer", "Bearer"] {
            assert_eq!(secret_problem(secret), None, "{secret}");
        }
    }
}
