//! Light and dark, small and large, and what axe finds; with a screenshot of each panel.

use std::fs;
use std::path::Path;

use admin_tests::Browser;
use serde_json::Value;

use super::{PANELS, confirm, expect_no_problems, opened, screenshot_file, show_panel};

/// axe-core, as npm has it.
pub(super) const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/axe/axe.min.js");

/// What is serious or critical, by rule and element.
pub(super) const RUN_AXE: &str = "axe.run(document, { resultTypes: ['violations'] }).then((found) =>
    found.violations.filter((it) => it.impact === 'serious' || it.impact === 'critical')
      .flatMap((it) => it.nodes.map((node) => `${it.id}: ${node.target}: ${node.failureSummary}`)))";

/// Fills each panel, as far as it waits for a user.
fn fill_panel(browser: &mut Browser, id: &str) {
    match id {
        "periodic" => browser.wait_for_text("[aria-label=\"evictor\"]", "high"),
        "loggers" => browser.wait_for_text(".logger", "root"),
        "log" => {
            browser.fill("main form input", "info,cache_engine=debug");
            browser.press_button("Follow");
            browser.wait_for_text(".record", "looked up");
        }
        "threads" => {
            browser.wait_for_text("main [role=status]", "groups");
            browser.press_button("Compare two dumps");
            browser.wait_for_text("main [role=status]", "the busiest first");
            browser.click(".group summary");
        }
        "profile" => {
            browser.choose("main select", "/debug/fgprof");
            browser.fill("main input[type=number]", "1");
            browser.press_button("Profile");
            browser.wait_for_text(".box", "all");
        }
        "metrics" => {
            browser.fill("main [data-search]", "cache");
            browser.wait_for_text(".family", "cache_lookup_duration_seconds");
            browser.click("[title^=\"Time\"], .family:nth-child(4) button");
            browser.wait("!!document.querySelector('.detail')");
        }
        "scripts" => {
            browser.fill("textarea", "result = [\n    tier for tier in (1, 2)\n]\n");
            browser.press_button("Run");
            browser.wait_for_text("pre.output", "[1, 2]");
        }
        "endpoints" => {
            browser.evaluate(
                "location.hash = 'endpoints/' + encodeURIComponent('GET /cache/{tier}/blocks')",
            );
            browser.fill("#parameter-tier", "hot");
            browser.press_button("Send GET /cache/hot/blocks");
            browser.wait_for_text(".detail .badge.good", "200");
        }
        _ => browser.wait_for_text("td", "run_script"),
    }
}

#[test]
fn axe_finds_nothing_serious() {
    let (_worker, mut browser) = opened(&["--load", "200"]);
    let axe = fs::read_to_string(Path::new(AXE)).expect("a file");
    browser.wait_for_text("header", "version");
    browser.evaluate(&format!("{axe}; 0"));
    let mut found = Vec::new();
    for id in PANELS {
        show_panel(&mut browser, id);
        browser.resize(1280, 900);
        fill_panel(&mut browser, id);
        for scheme in ["light", "dark"] {
            browser.prefer_scheme(scheme);
            if let Value::Array(violations) = browser.evaluate(RUN_AXE) {
                found.extend(
                    violations
                        .into_iter()
                        .map(|it| format!("{id}, {scheme}: {it}")),
                );
            }
            browser.screenshot(&screenshot_file(&format!("{id}-{scheme}")));
        }
        for (width, height) in [(360, 740), (2560, 1440)] {
            browser.resize(width, height);
            browser.evaluate("new Promise(requestAnimationFrame)");
            let overflow = browser.evaluate("document.documentElement.scrollWidth - innerWidth");
            if overflow.as_f64() > Some(0.0) {
                found.push(format!("{id}: {overflow} pixels wider than {width}"));
            }
            browser.screenshot(&screenshot_file(&format!("{id}-{width}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    expect_no_problems(&mut browser);
}

/// What the README shows: `readme_periodic.png` and `readme_endpoints.png` are copied to `admin-endpoints/docs`.
#[test]
fn the_pictures_of_the_readme_are_taken() {
    let (_worker, mut browser) = opened(&["--break", "heartbeat", "--load", "200"]);
    browser.call(
        "Emulation.setScrollbarsHidden",
        serde_json::json!({"hidden": true}),
    );
    browser.resize(1120, 560);
    browser.prefer_scheme("light");
    for _ in 0..3 {
        confirm(&mut browser, "run heartbeat");
        browser.wait_for_text("[aria-label=\"heartbeat\"] [role=status]", "accepted");
    }
    browser.wait_for_text("#probe-live", "not live");
    browser.wait_for_text("[aria-label=\"evictor\"]", "evicted");
    browser.screenshot(&screenshot_file("readme_periodic"));

    browser.resize(1120, 640);
    browser.prefer_scheme("dark");
    browser
        .evaluate("location.hash = 'endpoints/' + encodeURIComponent('POST /cache/{tier}/clear')");
    browser.fill("#parameter-tier", "hot");
    browser.press_button("Send POST /cache/hot/clear");
    browser.press_button("Really? Send POST /cache/hot/clear");
    browser.wait_for_text(".detail .output", "\"blocks\"");
    browser.evaluate("document.activeElement.blur()");
    browser.screenshot(&screenshot_file("readme_endpoints"));
    expect_no_problems(&mut browser);
}

#[test]
fn axe_finds_nothing_serious_in_the_token_form() {
    let (_worker, mut browser) = opened(&["--token", "s3cret"]);
    let axe = fs::read_to_string(Path::new(AXE)).expect("a file");
    browser.wait_for_text("main .said", "Not authenticated");
    browser.evaluate(&format!("{axe}; 0"));
    for scheme in ["light", "dark"] {
        browser.prefer_scheme(scheme);
        assert_eq!(browser.evaluate(RUN_AXE), serde_json::json!([]), "{scheme}");
        browser.screenshot(&screenshot_file(&format!("token-{scheme}")));
    }
}
