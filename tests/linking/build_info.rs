//! Two `build_info!` in one program.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::AdminServer;

admin_runtime::link!(admin_endpoints);

const FIRST_LINE: u32 = line!() + 1;
admin_runtime::build_info!();
admin_runtime::build_info!();

#[test]
fn both_places_of_a_second_build_are_named() {
    let error = AdminServer::builder().build().unwrap_err();
    let place = |line: u32| format!("crate build_info, tests/linking/build_info.rs:{line}");
    let (first, second) = (place(FIRST_LINE), place(FIRST_LINE + 1));
    let expected = format!("build_info!(): is in {first} and in {second}: only the binary has one");
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems, [expected]);
}
