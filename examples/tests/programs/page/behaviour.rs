//! What the page does whatever panel is shown.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use admin_tests::curl;
use serde_json::json;

use super::{PANELS, confirm, expect_no_problems, opened, show_panel};
use crate::process::{Process, WORKER};

/// Makes the page believe that its tab is hidden or visible.
fn hide(is_hidden: bool) -> String {
    format!(
        "Object.defineProperty(document, 'hidden', {{ configurable: true, value: {is_hidden} }});
         document.dispatchEvent(new Event('visibilitychange'))"
    )
}

#[test]
fn a_server_that_goes_and_returns_is_noticed() {
    let (mut worker, mut browser) = opened(&[]);
    browser.wait_for_text("header", "pid");
    browser.wait_for_text("[aria-label=\"evictor\"]", "high");
    let pid = "/pid (\\d+)/.exec(document.querySelector('header').textContent)?.[1]";
    let before = browser.evaluate(pid);
    let port = worker.socket_address().port().to_string();
    worker.signal("KILL");
    worker.ended();
    browser.wait_for_text(".lost", "The server does not answer");
    browser.wait_for_text("[aria-label=\"evictor\"]", "high");
    let _again = Process::start_at(&port, WORKER, &[], &[]);
    browser.wait("!document.querySelector('.lost')");
    browser.wait(&format!(
        "{pid} && {pid} !== '{}'",
        before.as_str().unwrap_or_default()
    ));
    expect_no_problems(&mut browser);
}

#[test]
fn another_process_at_the_address_is_noticed() {
    let (mut worker, mut browser) = opened(&["--break", "heartbeat"]);
    browser.wait_for_text("header", "pid");
    confirm(&mut browser, "run heartbeat");
    browser.wait("!!document.querySelector('[aria-label=\"heartbeat\"] .mark.bad')");
    let port = worker.socket_address().port().to_string();
    worker.signal("KILL");
    worker.ended();
    let again = Process::start_at(&port, WORKER, &[], &[]);
    let build = curl(&[], &again.url("/build")).json();
    browser.wait_for_text("header", &format!("pid {}", build["pid"]));
    // Its runs are its own.
    browser.wait("!document.querySelector('[aria-label=\"heartbeat\"] .mark.bad')");
    expect_no_problems(&mut browser);
}

#[test]
fn a_hanging_server_is_noticed() {
    let (worker, mut browser) = opened(&[]);
    browser.wait_for_text("header", "pid");
    worker.signal("STOP");
    browser.wait_for_text(".lost", "The server does not answer");
    worker.signal("CONT");
    browser.wait("!document.querySelector('.lost')");
    expect_no_problems(&mut browser);
}

#[test]
fn a_hidden_tab_sends_nothing() {
    let (_worker, mut browser) = opened(&[]);
    browser.wait_for_text("header", "version");
    show_panel(&mut browser, "log");
    browser.wait_for_text("main [role=status]", "following");
    browser.evaluate(&hide(true));
    browser.wait_for_text("main [role=status]", "paused while hidden");
    let before = browser.requests();
    // Longer than every interval of the page.
    browser.evaluate("new Promise((resolve) => setTimeout(resolve, 7000))");
    assert_eq!(browser.requests(), before);
    browser.evaluate(&hide(false));
    browser.wait_for_text("main [role=status]", "following");
    assert!(browser.requests().len() > before.len());
    expect_no_problems(&mut browser);
}

#[test]
fn each_idle_panel_asks_once_a_second() {
    const SECONDS: usize = 15;
    let (_worker, mut browser) = opened(&[]);
    browser.wait_for_text("[aria-label=\"evictor\"]", "high");
    browser.wait_for_text("#probe-ready", "ready");
    for panel in ["periodic", "log", "metrics", "audit"] {
        show_panel(&mut browser, panel);
        // What it asks when it is shown.
        browser.evaluate("new Promise((resolve) => setTimeout(resolve, 1000))");
        let before = browser.requests().len();
        let wait = format!("new Promise((resolve) => setTimeout(resolve, {SECONDS}000))");
        browser.evaluate(&wait);
        let sent = &browser.requests()[before..];
        assert!(sent.len() <= SECONDS, "{panel} in {SECONDS} s: {sent:?}");
        assert!(!sent.is_empty(), "{panel}");
    }
    expect_no_problems(&mut browser);
}

/// `PAGE_OPEN_SECONDS` sets how long, 15 s if unset; all panels are shown in turn.
#[test]
fn an_open_page_keeps_its_memory() {
    let seconds = std::env::var("PAGE_OPEN_SECONDS").unwrap_or("15".to_owned());
    let length = Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let (_worker, mut browser) = opened(&["--load", "100"]);
    let mut used = Vec::new();
    let began = Instant::now();
    // The first turn compiles the functions of each panel, and the second fills its lists.
    while used.len() < 4 || began.elapsed() < length {
        for panel in PANELS {
            show_panel(&mut browser, panel);
            browser.evaluate("new Promise((resolve) => setTimeout(resolve, 400))");
        }
        show_panel(&mut browser, "periodic");
        browser.call("HeapProfiler.collectGarbage", json!({}));
        let heap = browser.call("Runtime.getHeapUsage", json!({}));
        used.push(heap["usedSize"].as_f64().expect("a number") / 1e6);
    }
    let shown = [used[0], used[1], used[used.len() / 2], used[used.len() - 1]];
    let turns = used.len();
    let _ = writeln!(
        io::stderr(),
        "megabytes of the tab in {turns} turns, first, second, middle and last: {shown:.2?}"
    );
    assert!(used[turns - 1] < used[1] + 4.0, "{used:.2?}");
    expect_no_problems(&mut browser);
}

#[test]
fn the_theme_is_kept() {
    let (_worker, mut browser) = opened(&[]);
    browser.prefer_scheme("light");
    browser.wait_for_text("nav.panels", "Loggers");
    let color = "getComputedStyle(document.querySelector('nav.panels')).color";
    let light = browser.evaluate(color);
    browser.choose(".theme select", "dark");
    browser.wait(&format!("{color} !== {light}"));
    let dark = browser.evaluate(color);
    browser.reload();
    browser.wait_for_text("nav.panels", "Loggers");
    browser.wait(&format!("{color} === {dark}"));
    browser.choose(".theme select", "");
    browser.wait(&format!("{color} === {light}"));
    browser.prefer_scheme("dark");
    browser.wait(&format!("{color} === {dark}"));
    expect_no_problems(&mut browser);
}

#[test]
fn keys_choose_panels_and_the_search() {
    let (_worker, mut browser) = opened(&[]);
    browser.wait_for_text("nav.panels", "Loggers");
    browser.press_key("2", "2");
    browser.wait("!!document.querySelector('main.panel-loggers [data-search]')");
    browser.press_key("/", "/");
    browser.wait("document.activeElement.matches('[data-search]')");
    browser.press_key("4", "4");
    browser.wait("document.activeElement.value === '4'");
    browser.press_key("Escape", "");
    browser.wait("document.activeElement === document.body");
    browser.press_key("?", "?");
    browser.wait("document.querySelector('dialog').open");
    browser.press_key("Escape", "");
    browser.wait("!document.querySelector('dialog').open");
    browser.press_key("Tab", "");
    browser.wait("document.activeElement !== document.body");
    expect_no_problems(&mut browser);
}

#[test]
fn without_scripts_the_list_is_shown() {
    let worker = Process::start(WORKER, &[]);
    let mut browser = admin_tests::Browser::start();
    let off = serde_json::json!({"value": true});
    browser.call("Emulation.setScriptExecutionDisabled", off);
    let page = serde_json::json!({"url": worker.url("/")});
    browser.call("Page.navigate", page);
    let list = admin_tests::poll_until("the list", || {
        let tree = browser
            .attempt("Page.getNavigationHistory", serde_json::json!({}))
            .ok()?;
        let entries = tree["entries"].as_array()?;
        let last = entries.last()?.clone();
        (last["title"] == "Admin endpoints").then_some(last)
    });
    assert!(
        list["url"]
            .as_str()
            .is_some_and(|url| url.ends_with("/?format=list")),
        "{list}"
    );
}

#[test]
fn the_first_paint_is_soon() {
    let (_worker, mut browser) = opened(&[]);
    browser.wait_for_text("header", "version");
    let paint = "performance.getEntriesByType('paint')[0].startTime";
    let times: Vec<f64> = (0..5)
        .filter_map(|_| {
            browser.reload();
            browser.wait_for_text("header", "version");
            browser.wait("performance.getEntriesByType('paint').length > 0");
            browser.evaluate(paint).as_f64()
        })
        .collect();
    let _ = writeln!(io::stderr(), "first paint, in milliseconds: {times:?}");
    assert_eq!(times.len(), 5);
}
