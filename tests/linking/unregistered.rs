//! Crates named in `link!` that registered nothing, beside one that did.

#![allow(clippy::unwrap_used, reason = "tests")]

use admin_runtime::AdminServer;
use admin_runtime::introspect::Problem;

const LINK_LINE: u32 = line!() + 1;
admin_runtime::link!(admin_endpoints, serde, optional bytes);
admin_runtime::link!(http = "endpoints");

#[test]
fn unlinked_crates_are_named_with_a_proposal() {
    let error = AdminServer::builder()
        .build()
        .expect_err("two crates registered nothing");
    let text = error.to_string();
    let unlinked = |problem: &&Problem| matches!(problem, Problem::Unlinked { .. });
    assert_eq!(
        error.problems().iter().filter(unlinked).count(),
        2,
        "{text}"
    );
    let place = format!("tests/linking/unregistered.rs:{LINK_LINE}");
    for part in [
        &*format!("`serde`, named in link! at {place}, registered nothing"),
        "write `optional serde`",
        "if it is the renamed crate `admin_endpoints`",
    ] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    assert!(!text.contains("bytes"), "{text}");
}
