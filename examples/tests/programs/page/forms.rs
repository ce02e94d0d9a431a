//! Forms: what Enter does, what they are filled with, and what stays.

use admin_tests::{Browser, curl};

use super::{confirm, expect_no_problems, opened, screenshot_file, show_panel};
use crate::process::Process;

fn level_of(worker: &Process, logger: &str) -> String {
    let url = worker.url(&format!("/loglevel?logger_name={logger}&format=json"));
    let report = curl(&[], &url).json();
    report["effective"].as_str().unwrap_or_default().to_owned()
}

/// The text of the element that has the focus.
fn focused(browser: &mut Browser) -> String {
    let text = browser.evaluate("document.activeElement.textContent");
    text.as_str().unwrap_or_default().to_owned()
}

#[test]
fn enter_in_a_write_form_asks_first() {
    let (worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "loggers");
    browser.wait_for_text(".logger", "root");
    browser.fill("form [size]", "cache_engine::load");
    browser.choose("form label:nth-of-type(2) select", "TRACE");
    browser.press_key("Enter", "\r");
    browser.wait_for_text("main form button", "Really? Set");
    assert_ne!(level_of(&worker, "cache_engine::load"), "TRACE");
    // The answer counts for what was asked.
    browser.fill("form [size]", "cache_engine::other");
    browser.press_key("Enter", "\r");
    assert_eq!(focused(&mut browser), "Really? Set");
    assert_ne!(level_of(&worker, "cache_engine::other"), "TRACE");
    browser.press_key("Enter", "\r");
    browser.wait_for_text("main .note", "Set cache_engine::other level to TRACE");
    assert_ne!(level_of(&worker, "cache_engine::load"), "TRACE");
    expect_no_problems(&mut browser);
}

#[test]
fn enter_sends_an_endpoint_form() {
    let (_worker, mut browser) = opened(&[]);
    browser.evaluate("location.hash = 'endpoints/' + encodeURIComponent('GET /threads')");
    browser.fill("#parameter-name", "heartbeat");
    browser.press_key("Enter", "\r");
    browser.wait_for_text(".detail .output", "heartbeat");
    browser
        .evaluate("location.hash = 'endpoints/' + encodeURIComponent('POST /cache/{tier}/clear')");
    browser.fill("#parameter-tier", "hot");
    browser.press_key("Enter", "\r");
    browser.wait("document.activeElement.textContent === 'Really? Send POST /cache/hot/clear'");
    assert_eq!(browser.text(".detail .output"), "");
    browser.press_key("Enter", "\r");
    browser.wait_for_text(".detail .output", "\"blocks\"");
    browser.fill("#parameter-tier", "cold");
    browser.wait_for_text(".detail .note", "To an earlier request: curl -X POST");
    browser.fill("#parameter-tier", "hot");
    browser.wait("document.querySelector('.detail .note') === null");
    expect_no_problems(&mut browser);
}

#[test]
fn the_module_that_logs_most_is_lowered() {
    let (worker, mut browser) = opened(&["--load", "100"]);
    let raise = worker.url("/loglevel?logger_name=cache_engine::load&level=DEBUG");
    assert_eq!(curl(&["-X", "PUT"], &raise).status, 200);
    show_panel(&mut browser, "log");
    browser.fill("main form input", "debug");
    browser.press_key("Enter", "\r");
    browser.wait_for_text("main [role=status] a:first-of-type", "cache_engine::load");
    browser.click("main [role=status] a");
    browser.wait("document.querySelector('form [size]')?.value === 'cache_engine::load'");
    browser.choose("form label:nth-of-type(2) select", "WARNING");
    browser.press_button("Set");
    browser.press_button("Really? Set");
    browser.wait_for_text(".leases", "WARNING for");
    browser.screenshot(&screenshot_file("loggers-lease"));
    assert_eq!(level_of(&worker, "cache_engine::load"), "WARNING");
    expect_no_problems(&mut browser);
}

#[test]
fn enter_in_a_search_opens_the_first_endpoint() {
    let (_worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "endpoints");
    browser.fill("main [data-search]", "post clear");
    browser.wait_for_text("main [role=status]", "1 of ");
    browser.press_key("Enter", "\r");
    browser.wait_for_text(".detail h3", "POST /cache/{tier}/clear");
    assert_eq!(browser.text(".detail .output"), "");
    expect_no_problems(&mut browser);
}

#[test]
fn enter_in_a_search_sends_nothing() {
    let (_worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "log");
    browser.wait_for_text("main [role=status]", "following");
    let before = browser.requests().len();
    browser.fill("main [data-search]", "evictor");
    browser.press_key("Enter", "\r");
    let is_stream = |url: &String| url.contains("/logs?");
    assert!(!browser.requests()[before..].iter().any(is_stream));
    expect_no_problems(&mut browser);
}

#[test]
fn links_keep_their_parameters_with_a_token() {
    let (_worker, mut browser) = opened(&["--token", "s3cret"]);
    browser.fill("input[type=password]", "s3cret");
    browser.press_key("Enter", "\r");
    browser.wait_for_text("[aria-label=\"evictor\"]", "high");
    browser.click("[aria-label=\"evictor\"] h3 a");
    browser.wait("document.querySelector('#parameter-thread_name')?.value === 'evictor'");
    browser.wait("document.querySelector('#parameter-history')?.value === 'true'");
    browser.press_button("Send GET /periodic-threads/evictor");
    browser.wait_for_text(".detail .output", "recent_runs");
    show_panel(&mut browser, "log");
    browser.click("main form a");
    browser.wait("document.querySelector('#parameter-filter')?.value === 'info'");
    browser.click("#probe-ready a");
    browser.wait("document.querySelector('#parameter-verbose')?.value === 'true'");
    browser.press_button("Send GET /readyz");
    browser.wait_for_text(".detail .output", "readyz check passed");
    expect_no_problems(&mut browser);
}

#[test]
fn one_of_several_leases_is_ended() {
    let (worker, mut browser) = opened(&[]);
    for level in ["DEBUG", "TRACE"] {
        let parameters = format!("/loglevel?logger_name=cache_engine&level={level}&ttl=10m");
        assert_eq!(curl(&["-X", "PUT"], &worker.url(&parameters)).status, 200);
    }
    show_panel(&mut browser, "loggers");
    browser.wait_for_text(".logger .badge.lease", "TRACE for");
    browser.wait_for_text(".logger .badge.lease + .badge.unknown", "DEBUG for");
    browser.click("[title^=\"cache_engine:\"]");
    browser.wait_for_text(".leases li:first-child", "in effect");
    browser.wait_for_text(
        ".leases li:last-child",
        "counts when those above have ended",
    );
    confirm(&mut browser, "End lease 2");
    browser.wait("document.querySelectorAll('.leases li').length === 1");
    browser.wait_for_text(".logger .badge.lease", "DEBUG for");
    assert_eq!(level_of(&worker, "cache_engine"), "DEBUG");
    expect_no_problems(&mut browser);
}

#[test]
fn the_last_profile_stays() {
    let (_worker, mut browser) = opened(&["--load", "10000"]);
    show_panel(&mut browser, "profile");
    browser.fill("main input[type=number]", "2");
    browser.press_key("Enter", "\r");
    browser.wait_for_text("main form", "Cancel");
    // It goes on while another panel is shown.
    show_panel(&mut browser, "audit");
    show_panel(&mut browser, "profile");
    browser.wait_for_text("main [role=status]", "CPU, 2 s");
    show_panel(&mut browser, "audit");
    show_panel(&mut browser, "profile");
    assert!(browser.text("main [role=status]").starts_with("CPU, 2 s"));
    expect_no_problems(&mut browser);
}
