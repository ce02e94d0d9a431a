//! State that is asked for and was not given to the builder.

use crate::endpoint::EndpointDescriptor;
use crate::periodic::descriptor::PeriodicDescriptor;
use crate::registry::Problem;
use crate::request::ArgumentKind;
use crate::server_state::{RequiredState, ServerState};
use crate::source::SourceLocation;

/// What an endpoint or a periodic thread asks for.
struct Asked {
    need: RequiredState,
    user: &'static str,
    at: SourceLocation,
}

/// The state that endpoints and periodic threads take and the builder was not given.
pub(crate) fn state(
    endpoints: &[EndpointDescriptor],
    threads: &[PeriodicDescriptor],
    given: &ServerState,
) -> Vec<Problem> {
    let by_endpoints = endpoints.iter().flat_map(|endpoint| {
        let kinds = endpoint.arguments.iter().map(|argument| argument.kind);
        kinds.filter_map(|kind| match kind {
            ArgumentKind::State(need) => Some(Asked {
                need,
                user: endpoint.path,
                at: endpoint.source,
            }),
            _ => None,
        })
    });
    let by_threads = threads.iter().flat_map(|thread| {
        thread.required_state.iter().flatten().map(|need| Asked {
            need: *need,
            user: thread.name,
            at: thread.source,
        })
    });
    let missing = by_endpoints
        .chain(by_threads)
        .filter(|asked| !given.has(asked.need));
    missing
        .map(|Asked { need, user, at }| Problem::MissingState {
            type_name: (need.type_name)(),
            user,
            at,
        })
        .collect()
}
