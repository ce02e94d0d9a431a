//! Settings of the builder that look right and can never work.

use http::uri::Authority;

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
