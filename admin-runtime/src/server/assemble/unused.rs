//! State and settings that the builder was given and nothing takes.

use std::any::TypeId;

use crate::discover;
use crate::endpoint::EndpointDescriptor;
use crate::health::descriptor::HealthCheckDescriptor;
use crate::periodic::descriptor::PeriodicDescriptor;
use crate::request::ArgumentKind;
use crate::server_state::ServerState;

/// The crates whose routes take settings of their own and no state.
const OWN_CRATES: [&str; 2] = ["admin_runtime", "admin_endpoints"];

/// A warning for each value that no argument takes.
///
/// A function of `status` or `resource` reads what it likes, and a periodic thread or a health check does
/// not say which settings it takes: where one of these may be the reader, there is no warning.
pub(crate) fn unused(
    endpoints: &[EndpointDescriptor],
    threads: &[PeriodicDescriptor],
    checks: &[HealthCheckDescriptor],
    given: &ServerState,
) -> Vec<String> {
    let mut taken: Vec<TypeId> = Vec::new();
    for argument in endpoints.iter().flat_map(|endpoint| endpoint.arguments) {
        if let ArgumentKind::State(need) | ArgumentKind::Config(need) = argument.kind {
            taken.push((need.type_id)());
        }
    }
    let by_threads = threads.iter().flat_map(|thread| thread.required_state);
    let by_checks = checks.iter().flat_map(|check| check.required_state);
    let by_runs = by_threads.chain(by_checks).flatten();
    taken.extend(by_runs.map(|need| (need.type_id)()));
    taken.extend(discover::audit_masks().map(|mask| (mask.settings)()));
    let has_hidden_reader = |crate_name: &str| {
        let mut endpoints = endpoints.iter();
        endpoints.any(|endpoint| {
            endpoint.source.crate_name == crate_name
                && (endpoint.status.is_some() || endpoint.resource.is_some())
        })
    };
    let mut warnings = Vec::new();
    let other_crates = endpoints.iter().map(|endpoint| endpoint.source.crate_name);
    let mut other_crates = other_crates.filter(|name| !OWN_CRATES.contains(name));
    if !other_crates.any(has_hidden_reader) {
        for (type_id, name) in given.state_types() {
            if !taken.contains(&type_id) {
                warnings.push(format!(
                    "no endpoint, thread or check takes the {name} given with state(..): an endpoint, a periodic thread or a health check takes it as an argument of type `State<T>` with exactly this type; an `Extractor` that reads it says so with `const KIND: ArgumentKind = State::<T>::KIND;`"
                ));
            }
        }
    }
    for (type_id, name) in given.config_types() {
        let crate_name = name.split("::").next().unwrap_or_default();
        let threads = threads.iter().map(|thread| thread.source.crate_name);
        let checks = checks.iter().map(|check| check.source.crate_name);
        let has_runs = threads.chain(checks).any(|name| name == crate_name);
        if !taken.contains(type_id) && !has_runs && !has_hidden_reader(crate_name) {
            warnings.push(format!(
                "no endpoint, thread or check takes the {name} given with config(..): an endpoint takes it as an argument of type `Config<T>`"
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::{
        ArgumentDescriptor, ArgumentLocation, EndpointStatus, HandlerTask, Method, SourceLocation,
    };
    use crate::{Config, Extractor, Response, State};

    const TAKES: &[ArgumentDescriptor] = &[
        ArgumentDescriptor::new("count", ArgumentLocation::Query, State::<u8>::KIND),
        ArgumentDescriptor::new("limit", ArgumentLocation::Query, Config::<u16>::KIND),
    ];

    fn endpoint(crate_name: &'static str) -> EndpointDescriptor {
        let source = SourceLocation::new(crate_name, crate_name, "f");
        EndpointDescriptor::new(Method::Get, "/f", source, |_| {
            Ok(HandlerTask::Blocking(Box::new(|| Ok(Response::empty()))))
        })
        .with_arguments(TAKES)
    }

    fn given() -> ServerState {
        let mut given = ServerState::default();
        given.insert_state(7_u8);
        given.insert_config(7_u16);
        given
    }

    #[test]
    fn taken_values_cause_no_warning() {
        assert_eq!(unused(&[endpoint("app")], &[], &[], &given()), [""; 0]);
    }

    #[test]
    fn values_that_nothing_takes_are_named() {
        let mut given = given();
        given.insert_state("text");
        given.insert_config(8_u32);
        let warnings = unused(&[endpoint("app")], &[], &[], &given);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0]
                .starts_with("no endpoint, thread or check takes the &str given with state(..): ")
        );
        assert!(
            warnings[1]
                .starts_with("no endpoint, thread or check takes the u32 given with config(..): ")
        );
    }

    #[test]
    fn status_function_may_be_the_reader() {
        let mut given = given();
        given.insert_state("text");
        let status = endpoint("app").with_status(|_| EndpointStatus::new());
        assert_eq!(unused(&[status], &[], &[], &given), [""; 0]);
        let own = endpoint("admin_endpoints").with_status(|_| EndpointStatus::new());
        assert_eq!(unused(&[endpoint("app"), own], &[], &[], &given).len(), 1);
    }
}
