//! A program whose `main` lacks the line.

use admin_runtime::AdminServer;
use admin_tests::{Case, cases};
use tokio::runtime::Builder;

pub(crate) fn cases() -> Vec<Case> {
    cases![the_route_says_which_line_is_missing]
}

fn the_route_says_which_line_is_missing() {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(assert_refused());
}

async fn assert_refused() {
    let server = AdminServer::builder()
        .trust_loopback()
        .build()
        .expect("a server");
    let form = "--B\r\nContent-Disposition: form-data; name=\"script\"; filename=\"s.py\"\r\n\r\n\
                result = 1\r\n--B--\r\n";
    let reply = server
        .test_client()
        .post("/run_script")
        .header("content-type", "multipart/form-data; boundary=B")
        .body(form)
        .await;
    assert_eq!(
        (reply.status().as_u16(), reply.text()),
        (
            501,
            "Scripts are not enabled in this program: call `admin_endpoints::script::init();` in main"
        )
    );
}
