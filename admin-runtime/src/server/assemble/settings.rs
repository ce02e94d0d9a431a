//! Settings of the builder that look right and can never work.

use std::time::Duration;

use http::uri::Authority;

use crate::endpoint::PathPattern;
use crate::limits::Limits;
use crate::registry::Problem;

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

/// Why a text cannot be put before paths.
pub(crate) fn mount_prefix_problem(prefix: &str) -> Option<String> {
    let Err(reason) = check_mount_prefix(prefix) else {
        return None;
    };
    let meant = format!("/{}", prefix.trim_matches('/'));
    let is_meant = check_mount_prefix(&meant).is_ok();
    let hint = is_meant.then(|| format!(": write mounted_at({meant:?})"));
    Some(format!("{reason}{}", hint.unwrap_or_default()))
}

fn check_mount_prefix(prefix: &str) -> Result<(), &'static str> {
    const EXPECTED: &str = "expected a prefix without parameters such as /admin";
    let pattern = PathPattern::parse(prefix).map_err(|_| EXPECTED)?;
    let parameters = pattern.parameters().count();
    if prefix.ends_with('/') || parameters > 0 || !prefix.is_ascii() {
        return Err(EXPECTED);
    }
    Ok(())
}

/// The limits of zero with which a server answers nothing, or no sync handler; the others may be 0.
pub(crate) fn limit_problems(limits: &Limits) -> Vec<Problem> {
    let counts = [
        ("max_header_bytes", limits.max_header_bytes, "request"),
        ("max_headers", limits.max_headers, "request"),
        ("max_uri_bytes", limits.max_uri_bytes, "request"),
        ("max_connections", limits.max_connections, "connection"),
        (
            "max_blocking_handlers",
            limits.max_blocking_handlers,
            "sync handler",
        ),
        (
            "max_blocking_handlers_per_endpoint",
            limits.max_blocking_handlers_per_endpoint,
            "sync handler",
        ),
    ];
    let times = [
        ("header_read_timeout", limits.header_read_timeout),
        ("body_read_timeout", limits.body_read_timeout),
        ("write_timeout", limits.write_timeout),
        ("handler_timeout", limits.handler_timeout),
    ];
    let counts = counts.into_iter().filter(|(_, count, _)| *count == 0);
    let times = times
        .into_iter()
        .filter(|(_, time)| *time == Duration::ZERO);
    let of_counts = counts.map(|(name, _, refused)| {
        format!("{name} is 0, so every {refused} would be refused: expected at least 1")
    });
    let of_times = times.map(|(name, _)| {
        format!(
            "{name} is 0 s, so every request would time out: expected a longer time, such as 1 s"
        )
    });
    let of_rate = (limits.min_body_bytes_per_second == 0).then(|| {
        "min_body_bytes_per_second is 0, so a body could take any time: expected at least 1"
            .to_owned()
    });
    of_counts
        .chain(of_times)
        .chain(of_rate)
        .map(|reason| Problem::Setting {
            setting: "limits(..)".to_owned(),
            reason,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_of_zero_that_refuses_everything_is_named() {
        let limits = Limits::default();
        assert!(limit_problems(&limits).is_empty());
        let usable = limits
            .with_max_body_bytes(0)
            .with_max_discard_bytes(0)
            .with_discard_timeout(Duration::ZERO)
            .with_graceful_shutdown_timeout(Duration::ZERO);
        assert!(limit_problems(&usable).is_empty());
        let unusable = limits
            .with_max_header_bytes(0)
            .with_max_headers(0)
            .with_max_uri_bytes(0)
            .with_max_connections(0)
            .with_max_blocking_handlers(0)
            .with_max_blocking_handlers_per_endpoint(0)
            .with_header_read_timeout(Duration::ZERO)
            .with_body_read_timeout(Duration::ZERO)
            .with_write_timeout(Duration::ZERO)
            .with_min_body_bytes_per_second(0)
            .with_handler_timeout(Duration::ZERO);
        assert_eq!(limit_problems(&unusable).len(), 11);
    }

    #[test]
    fn mount_prefix_is_corrected() {
        assert_eq!(mount_prefix_problem("/admin"), None);
        for given in ["admin", "admin/", "/admin/", "//admin"] {
            let problem = mount_prefix_problem(given).unwrap_or_default();
            assert!(
                problem.ends_with("such as /admin: write mounted_at(\"/admin\")"),
                "{given}: {problem}"
            );
        }
        for given in ["", "/", "/{a}", "/größe", "a?b"] {
            let problem = mount_prefix_problem(given).unwrap_or_default();
            assert!(problem.ends_with("such as /admin"), "{given}: {problem}");
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
