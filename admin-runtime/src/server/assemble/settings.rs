//! Settings of the builder that look right and can never work.

use http::uri::Authority;

/// What is wrong with the secret of a token. The text does not repeat it.
pub(crate) fn secret_problem(secret: &str) -> Option<&'static str> {
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

/// What is wrong with a name that `Host` may have.
pub(crate) fn host_problem(name: &str) -> Option<String> {
    let without_scheme = name.split_once("://").map_or(name, |(_, rest)| rest);
    let authority = without_scheme.split(['/', '?', '#']).next();
    let host = authority
        .and_then(|authority| authority.parse::<Authority>().ok())
        .map(|authority| authority.host().to_owned())
        .filter(|host| !host.is_empty() && !host.contains('*'));
    match host {
        Some(host) if host == name => None,
        Some(host) => Some(format!(
            "expected a name without scheme, port and path: write allow_host({host:?}); any port is accepted"
        )),
        None => Some("expected one whole name such as admin.example, without wildcards".to_owned()),
    }
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

    #[test]
    fn host_is_a_name_alone() {
        for (given, name) in [
            ("https://a:80", "a"),
            ("a:80", "a"),
            ("http://admin.example/x", "admin.example"),
            ("admin.example/", "admin.example"),
        ] {
            let problem = host_problem(given).unwrap_or_default();
            assert!(
                problem.contains(&format!("allow_host({name:?})")),
                "{given}: {problem}"
            );
        }
        for given in ["", "*.example", "a b", "https://"] {
            let problem = host_problem(given).unwrap_or_default();
            assert!(problem.contains("one whole name"), "{given}: {problem}");
        }
        for given in ["a", "admin.example", "Admin.Example", "10.0.0.1", "[::1]"] {
            assert_eq!(host_problem(given), None, "{given}");
        }
    }
}
