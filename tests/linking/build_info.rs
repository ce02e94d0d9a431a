//! Two `build_info!` and two pages for `GET /` in one program.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::{AdminServer, HeaderMap, Response};

admin_runtime::link!(admin_endpoints);

const FIRST_LINE: u32 = line!() + 1;
admin_runtime::build_info!();
admin_runtime::build_info!();

fn page(_: &HeaderMap) -> Response {
    Response::text("one")
}

const FIRST_PAGE_LINE: u32 = line!() + 1;
admin_runtime::index_page!(page);

#[test]
fn both_places_of_a_second_one_are_named() {
    let error = AdminServer::builder().build().unwrap_err();
    let place = |line: u32| format!("crate build_info, tests/linking/build_info.rs:{line}");
    let (first, second) = (place(FIRST_LINE), place(FIRST_LINE + 1));
    let expected = format!("build_info!(): is in {first} and in {second}: only the binary has one");
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems[0], expected);
    // The other page is that of `admin_endpoints`.
    let second = place(FIRST_PAGE_LINE);
    let begin = "index_page!(..): is in crate admin_endpoints, admin-endpoints/src/page/mod.rs:";
    let end = format!(" and in {second}: a program has one at most");
    assert!(
        problems[1].starts_with(begin) && problems[1].ends_with(&end),
        "{}",
        problems[1]
    );
    assert_eq!(problems.len(), 2);
}
