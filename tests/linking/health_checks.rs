//! Health checks alone make a server, and two of one name and kind do not.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::AdminServer;
use admin_runtime::introspect::Problem;

// The crate counts as linked, though its only registrations are health checks.
extern crate self as own;
admin_runtime::link!(own = "health_check_linking");

mod left {
    #[admin_runtime::health_check]
    fn database() {}

    #[admin_runtime::health_check(kind = "live", name = "both-kinds")]
    fn live() {}
}

mod right {
    use admin_runtime::State;

    #[admin_runtime::health_check(interval = "1m", name = "database")]
    async fn replica(_: State<u16>) -> Result<(), String> {
        Ok(())
    }

    #[admin_runtime::health_check(name = "both-kinds")]
    fn ready() {}
}

#[test]
fn equal_names_are_reported_with_both_places() {
    let error = AdminServer::builder().build().expect_err("one name twice");
    let text = error.to_string();
    let [missing, twice] = error.problems() else {
        panic!("{text}")
    };
    assert!(
        matches!(
            missing,
            Problem::MissingState {
                type_name: "u16",
                ..
            }
        ),
        "{text}"
    );
    let Problem::HealthCheckName {
        kind: "ready",
        name: "database",
        ..
    } = twice
    else {
        panic!("{text}")
    };
    let place = "crate health_check_linking, tests/linking/health_checks.rs:";
    assert_eq!(twice.to_string().matches(place).count(), 2, "{text}");
}
