//! Nothing linked: the crate with the endpoints is a dependency that is never named.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::AdminServer;
use admin_runtime::introspect::Problem;

#[test]
fn a_server_without_endpoints_does_not_build() {
    let error = AdminServer::builder()
        .build()
        .expect_err("nothing is linked");
    assert_eq!(error.problems(), [Problem::NothingLinked]);
    assert!(
        error
            .to_string()
            .contains("admin_runtime::link!(admin_endpoints, your_crate);")
    );
}
