//! Periodic threads alone make a server, and two of one name do not.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::introspect::Problem;
use admin_runtime::{AdminServer, periodic};

// The crate counts as linked, though its only registrations are periodic threads.
extern crate self as own;
admin_runtime::link!(own = "periodic_linking");

mod left {
    #[admin_runtime::periodic]
    fn sweeper() {}
}

mod right {
    #[admin_runtime::periodic(level = "low", name = "sweeper")]
    async fn sweep() {}
}

/// Cases where both come from one macro.
macro_rules! threads {
    ($($name:ident)*) => { $(#[periodic] fn $name() {})* };
}

threads!(one two);

#[test]
fn equal_thread_names_are_reported_with_both_places() {
    for on in [true, false] {
        let error = AdminServer::builder()
            .periodic(on)
            .build()
            .expect_err("one name twice");
        let text = error.to_string();
        assert!(
            matches!(
                error.problems(),
                [Problem::PeriodicName {
                    name: "sweeper",
                    ..
                }]
            ),
            "{text}"
        );
        let place = "crate periodic_linking, tests/linking/periodic.rs:";
        assert_eq!(text.matches(place).count(), 2, "{text}");
    }
}
