//! Secrets that no client can send.

/// What is wrong with the secret of a token. The text does not repeat it.
pub(super) fn secret_problem(secret: &str) -> Option<&'static str> {
    if secret.is_empty() {
        return Some("the secret is empty: anybody could send it");
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
        for secret in ["s3cret", "a.b-c_d~e+f/g==", "bearer", "Bearer"] {
            assert_eq!(secret_problem(secret), None, "{secret}");
        }
    }
}
