//! A server that requires credentials.

use admin_tests::curl;

use super::{expect_no_problems, opened, show_panel};

const TOKEN_FIELD: &str = "input[type=password]";

#[test]
fn a_token_is_sent_with_streams_too() {
    let (worker, mut browser) = opened(&["--token", "s3cret", "--load", "100"]);
    browser.wait_for_text("main .said", "Not authenticated");
    let shown = browser.evaluate("document.documentElement.outerHTML");
    assert!(!shown.as_str().unwrap_or_default().contains("/cache/"));
    browser.fill(TOKEN_FIELD, "s\u{e9}cret\u{2192}");
    browser.press_button("Use it");
    browser.wait_for_text("main .note.error", "ASCII");
    browser.fill(TOKEN_FIELD, "wrong");
    browser.press_button("Use it");
    browser.wait_for_text("main .said", "the credentials sent are not accepted");
    browser.fill(TOKEN_FIELD, "s3cret");
    browser.press_button("Use it");
    browser.wait_for_text("header", "worker");
    show_panel(&mut browser, "log");
    browser.fill("main form input", "off,cache_engine=debug");
    browser.press_button("Follow");
    browser.wait_for_text(".record", "looked up");
    show_panel(&mut browser, "endpoints");
    browser.fill("main [data-search]", "build");
    browser.click("nav.endpoints a");
    browser.wait_for_text(".curl", "\"Authorization: Bearer $TOKEN\"");

    browser.reload();
    browser.wait_for_text("header", "worker");
    let kept = browser
        .evaluate("JSON.stringify([Object.values(sessionStorage), Object.values(localStorage)])");
    let kept = kept.as_str().unwrap_or_default().to_owned();
    assert!(kept.starts_with("[[") && kept.contains("s3cret"), "{kept}");
    let (session, local) = kept.split_once("],[").unwrap_or_default();
    assert!(
        session.contains("s3cret") && !local.contains("s3cret"),
        "{kept}"
    );
    let addresses = browser.requests();
    assert!(
        addresses.iter().all(|address| !address.contains("s3cret")),
        "{addresses:?}"
    );
    browser.press_button("Forget the token");
    browser.wait_for_text("main .said", "Not authenticated");
    expect_no_problems(&mut browser);

    let html = ["-H", "Accept: text/html"];
    let refused = curl(&html, &worker.url("/"));
    assert_eq!(refused.status, 401);
    assert!(refused.body.contains("<div id=\"app\"></div>"));
    let list = curl(&html, &worker.url("/?format=list"));
    assert!(list.body.starts_with("{\"error\":"), "{}", list.body);
}
