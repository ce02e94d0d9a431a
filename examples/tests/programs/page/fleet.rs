//! The instances on the page of the controller.

use std::fs;
use std::path::Path;

use admin_tests::{Browser, curl, poll_until};
use serde_json::json;

use super::accessible::{AXE, RUN_AXE};
use super::{expect_no_problems, screenshot_file, show_panel};
use crate::process::{CONTROLLER, Process, WORKER};

const ROWS: &str = "document.querySelectorAll('main.panel-fleet tbody tr').length";

#[test]
fn instances_are_shown_with_their_health() {
    let controller = Process::start(CONTROLLER, &["--load", "0"]);
    let url = controller.url("");
    let announce = [
        "--load",
        "0",
        "--announce",
        &url,
        "--announce-interval",
        "1",
    ];
    let start = |more: &[&str]| Process::start(WORKER, &[&announce, more].concat());
    let mut healthy = start(&["--name", "w1", "--label", "role=worker"]);
    let scheduler = "http://127.0.0.1:9"; // nobody listens there
    let not_ready = start(&["--name", "w2", "--scheduler", scheduler]);
    poll_until("both instances", || {
        let health = curl(&[], &controller.url("/fleet/health")).json();
        (health["ready"] == 1 && health["not_ready"] == 1).then_some(())
    });

    let mut browser = Browser::start();
    browser.open(&controller.url("/"));
    // The first panel of a process with a directory.
    browser.wait_for_text("main.panel-fleet [role=status]", "1 ready, 1 not ready");
    assert_eq!(browser.evaluate(ROWS), 2);
    browser.wait_for_text("tr[aria-label=w2]:first-child", "[-]scheduler");
    let row = browser.text("tr[aria-label=w1]");
    let version = env!("CARGO_PKG_VERSION");
    for part in [
        "ready",
        "healthy",
        version,
        "role=worker",
        &*healthy.address,
    ] {
        assert!(row.contains(part), "{part}: {row}");
    }
    let link = browser.evaluate("document.querySelector('tr[aria-label=w1] a').href");
    assert_eq!(link, json!(healthy.url("/")));
    browser.fill("main [data-search]", "role=worker");
    browser.wait(&format!("{ROWS} === 1"));
    browser.fill("main [data-search]", "");

    let axe = fs::read_to_string(Path::new(AXE)).expect("a file");
    browser.evaluate(&format!("{axe}; 0"));
    for scheme in ["light", "dark"] {
        browser.prefer_scheme(scheme);
        assert_eq!(browser.evaluate(RUN_AXE), json!([]), "{scheme}");
        browser.screenshot(&screenshot_file(&format!("fleet-{scheme}")));
    }
    browser.resize(360, 740);
    browser.evaluate("new Promise(requestAnimationFrame)");
    let overflow = browser.evaluate("document.documentElement.scrollWidth - innerWidth");
    assert!(overflow.as_f64() <= Some(0.0), "{overflow} pixels too wide");
    browser.screenshot(&screenshot_file("fleet-360"));

    healthy.signal("TERM");
    assert!(healthy.ended().success());
    browser.wait(&format!("{ROWS} === 1"));
    show_panel(&mut browser, "periodic");
    expect_no_problems(&mut browser);
    drop(not_ready);
}
