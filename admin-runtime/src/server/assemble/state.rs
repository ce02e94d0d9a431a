//! State that is taken and was not given to the builder.

use crate::endpoint::EndpointDescriptor;
use crate::health::descriptor::HealthCheckDescriptor;
use crate::periodic::descriptor::PeriodicDescriptor;
use crate::registry::Problem;
use crate::request::ArgumentKind;
use crate::server_state::{RequiredState, ServerState};
use crate::source::SourceLocation;

/// What an endpoint, a periodic thread or a health check takes.
struct StateUse {
    need: RequiredState,
    user: &'static str,
    at: SourceLocation,
}

/// The state that endpoints, periodic threads and health checks take and the builder was not given,
/// one problem for each type.
pub(crate) fn state(
    endpoints: &[EndpointDescriptor],
    threads: &[PeriodicDescriptor],
    checks: &[HealthCheckDescriptor],
    given: &ServerState,
) -> Vec<Problem> {
    let by_endpoints = endpoints.iter().flat_map(|endpoint| {
        let kinds = endpoint.arguments.iter().map(|argument| argument.kind);
        kinds.filter_map(|kind| match kind {
            ArgumentKind::State(need) => Some(StateUse {
                need,
                user: endpoint.path,
                at: endpoint.source,
            }),
            _ => None,
        })
    });
    let by_threads = threads.iter().flat_map(|thread| {
        thread.required_state.iter().flatten().map(|need| StateUse {
            need: *need,
            user: thread.name,
            at: thread.source,
        })
    });
    let by_checks = checks.iter().flat_map(|check| {
        check.required_state.iter().flatten().map(|need| StateUse {
            need: *need,
            user: check.name,
            at: check.source,
        })
    });
    let missing = by_endpoints
        .chain(by_threads)
        .chain(by_checks)
        .filter(|taken| !given.has(taken.need));
    let mut problems = Vec::new();
    for StateUse { need, user, at } in missing {
        let wanted = (need.type_name)();
        let of_the_type = problems.iter_mut().find_map(|problem| match problem {
            Problem::MissingState {
                type_name, users, ..
            } if *type_name == wanted => Some(users),
            _ => None,
        });
        match of_the_type {
            Some(users) => users.push((user, at)),
            None => problems.push(Problem::MissingState {
                type_name: wanted,
                given: similar(wanted, given),
                users: vec![(user, at)],
            }),
        }
    }
    problems
}

/// The type of given state that is a part of the wanted one, has it as a part, or differs in its
/// pointers and locks: `Store` for `Arc<Store>`, `Arc<Store>` for `Arc<Mutex<Store>>`.
fn similar(wanted: &str, given: &ServerState) -> Option<&'static str> {
    let given = given.state_types().into_iter().map(|(_, name)| name);
    given
        .filter(|name| {
            is_part(name, wanted)
                || is_part(wanted, name)
                || without_wrappers(name) == without_wrappers(wanted)
        })
        .max_by_key(|name| name.len())
}

/// Types that share or lock a value and are often forgotten or exchanged.
const WRAPPERS: [&str; 6] = ["Arc", "Rc", "Box", "Mutex", "RwLock", "OnceLock"];

/// The type inside of all wrappers: `app::Store` of `alloc::sync::Arc<std::sync::Mutex<app::Store>>`.
fn without_wrappers(mut name: &str) -> &str {
    while let Some((wrapper, inner)) = name.split_once('<')
        && let Some(inner) = inner.strip_suffix('>')
        && WRAPPERS.contains(&wrapper.rsplit("::").next().unwrap_or_default())
    {
        name = inner;
    }
    name
}

/// Whether a type's name is a generic argument of the other one's.
fn is_part(part: &str, whole: &str) -> bool {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    whole.match_indices(part).any(|(at, _)| {
        let (before, after) = (&whole[..at], &whole[at + part.len()..]);
        !before.is_empty() && !before.ends_with(is_path) && !after.starts_with(is_path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_is_a_whole_generic_argument() {
        assert!(is_part("app::Store", "alloc::sync::Arc<app::Store>"));
        assert!(is_part("app::Store", "Arc<Mutex<app::Store>>"));
        assert!(!is_part("app::Store", "Arc<app::StoreConfig>"));
        assert!(!is_part("Store", "Arc<app::Store>"));
        assert!(!is_part("app::Store", "app::Store"));
    }

    #[test]
    fn types_are_compared_without_pointers_and_locks() {
        for (name, inner) in [
            (
                "alloc::sync::Arc<std::sync::poison::mutex::Mutex<app::Store>>",
                "app::Store",
            ),
            (
                "alloc::sync::Arc<alloc::vec::Vec<u8>>",
                "alloc::vec::Vec<u8>",
            ),
            ("app::Arcs<u8>", "app::Arcs<u8>"),
            ("u8", "u8"),
        ] {
            assert_eq!(without_wrappers(name), inner);
        }
        let mut given = ServerState::default();
        given.insert_state(std::sync::Arc::new(String::new()));
        let wanted = std::any::type_name::<std::sync::Arc<std::sync::Mutex<String>>>();
        assert_eq!(
            similar(wanted, &given),
            Some("alloc::sync::Arc<alloc::string::String>")
        );
    }

    #[test]
    fn longest_similar_type_is_named() {
        let mut given = ServerState::default();
        given.insert_state(7_u8);
        given.insert_state(vec![7_u8]);
        assert_eq!(
            similar("alloc::sync::Arc<alloc::vec::Vec<u8>>", &given),
            Some("alloc::vec::Vec<u8>")
        );
        assert_eq!(similar("u16", &given), None);
    }
}
