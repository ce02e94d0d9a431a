//! What each panel does.

use std::process::Command;

use admin_tests::{curl, poll_until};
use serde_json::json;

use super::{confirm, expect_no_problems, opened, show_panel};

/// The field of a search in the shown panel.
const SEARCH: &str = "main [data-search]";

#[test]
fn a_failing_heartbeat_is_found_and_repaired() {
    let (_worker, mut browser) = opened(&["--break", "heartbeat"]);
    browser.wait_for_text("header", "worker");
    browser.wait_for_text("header", "version");
    let failing =
        "document.querySelector('[aria-label=\"heartbeat\"]')?.textContent.includes('failing')";
    for _ in 0..3 {
        let runs = "Number(/Runs(\\d+)/.exec(document.querySelector('[aria-label=\"heartbeat\"]').textContent)[1])";
        browser.wait("!!document.querySelector('[aria-label=\"run heartbeat\"]')");
        let before = browser.evaluate(runs);
        confirm(&mut browser, "run heartbeat");
        browser.wait(&format!("{runs} > {before} || {failing}"));
    }
    browser.wait(failing);
    browser.wait_for_text("#probe-live", "not live");
    browser.wait_for_text(".failing", "periodic-critical");
    browser.wait_for_text(".failing", "heartbeat");
    browser.wait("document.querySelectorAll('[aria-label=\"heartbeat\"] .mark.bad').length >= 3");

    show_panel(&mut browser, "endpoints");
    browser.fill(SEARCH, "repair");
    browser.click("nav.endpoints a");
    browser.press_button("Send POST /heartbeat/repair");
    browser.press_button("Really? Send POST /heartbeat/repair");
    browser.wait_for_text(".detail .badge.good", "20");
    show_panel(&mut browser, "periodic");
    confirm(&mut browser, "run heartbeat");
    browser.wait("document.querySelector('#probe-live')?.textContent === 'live'");
    expect_no_problems(&mut browser);
}

#[test]
fn a_periodic_thread_is_paused_and_resumed() {
    let (worker, mut browser) = opened(&[]);
    confirm(&mut browser, "pause evictor");
    browser.wait_for_text("[aria-label=\"evictor\"]", "paused");
    let evictor = curl(&[], &worker.url("/periodic-threads/evictor")).json();
    assert_eq!(evictor["state"], "paused");
    confirm(&mut browser, "resume evictor");
    browser.wait_for_text("[aria-label=\"evictor\"]", "waiting");
    expect_no_problems(&mut browser);
}

#[test]
fn a_level_is_set_for_a_time() {
    let (worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "loggers");
    browser.wait_for_text(".logger", "root");
    browser.fill("form [size]", "cache_engine::load");
    browser.choose("form label:nth-of-type(2) select", "DEBUG");
    browser.press_button("Set");
    browser.press_button("Really? Set");
    browser.wait_for_text("main .note", "Set cache_engine::load level to DEBUG");
    browser.fill(SEARCH, "engine.load");
    browser.wait_for_text(".logger .lease", "DEBUG for 9 min");
    browser.wait("document.querySelectorAll('.logger').length === 1");
    confirm(&mut browser, "clear cache_engine::load");
    browser.wait_for_text(".logger", "from ");

    let url = worker.url("/loglevel?logger_name=cache_engine::load&level=TRACE&ttl=15s");
    let set = curl(&["-X", "PUT"], &url);
    assert_eq!(set.status, 200, "{}", set.body);
    browser.wait_for_text(".logger .lease", "TRACE for");
    browser.wait("!document.querySelector('.logger .lease')");
    expect_no_problems(&mut browser);
}

#[test]
fn records_are_followed_filtered_and_paused() {
    let (_worker, mut browser) = opened(&["--load", "100"]);
    show_panel(&mut browser, "log");
    browser.fill("main form input", "off,cache_engine=debug");
    browser.press_button("Follow");
    browser.wait_for_text(".record.DEBUG", "cache_engine::load: looked up");
    browser.fill(SEARCH, "hit=true");
    browser.wait("[...document.querySelectorAll('.record')].every((it) => it.textContent.includes('hit=true'))");
    browser.press_button("Pause");
    browser.wait_for_text("main [role=status]", "while paused");
    let last = "document.querySelector('.record:last-child').textContent";
    let shown = browser.evaluate(last);
    browser.wait("/([5-9]|\\d\\d) while paused/.test(document.querySelector('main [role=status]').textContent)");
    assert_eq!(browser.evaluate(last), shown);
    browser.press_button("Continue");
    browser.wait(&format!("{last} !== {shown}"));
    browser.fill("main form input", "info,cache=loud");
    browser.press_button("Follow");
    browser.wait_for_text("main .error", "400 Invalid filter at position 6");
    expect_no_problems(&mut browser);
}

#[test]
fn the_busiest_thread_is_found_by_two_dumps() {
    let (_worker, mut browser) = opened(&["--load", "10000"]);
    show_panel(&mut browser, "threads");
    browser.wait_for_text("main [role=status]", "threads");
    browser.press_button("Compare two dumps");
    browser.wait_for_text("main [role=status]", "the busiest first");
    browser.wait_for_text(".group:first-of-type summary", "cache-load");
    browser.fill(SEARCH, "heartbeat");
    browser.wait_for_text(".group[open] pre", "admin_runtime::periodic");
    browser.wait("document.querySelectorAll('.group').length === 1");
    browser.choose("main select", "running");
    browser.wait("document.querySelectorAll('.group').length === 0");
    expect_no_problems(&mut browser);
}

#[test]
fn a_profile_shows_a_hot_function() {
    let (_worker, mut browser) = opened(&["--load", "10000"]);
    show_panel(&mut browser, "profile");
    browser.fill("main input[type=number]", "3");
    browser.press_button("Profile");
    browser.wait_for_text(".box", "cache_engine::load");
    browser.fill(SEARCH, "cache_engine::load");
    browser.wait("document.querySelectorAll('.box.match').length > 0");
    browser.wait_for_text(".flame [role=status]", "matched: ");
    browser.click(".box.match");
    browser.wait("document.querySelector('.box.match').style.width === '100%'");
    browser.press_button("Whole graph");
    browser.wait("document.querySelector('.box.match').style.width !== '100%'");
    browser.wait_for_text("table", "cache_engine::");
    browser.fill("main input[type=number]", "0");
    browser.press_button("Profile");
    browser.wait_for_text("main .error", "expected an integer from 1 to 300");
    expect_no_problems(&mut browser);
}

#[test]
fn a_profile_is_downloaded_for_pprof() {
    let folder = std::env::temp_dir().join(format!("admin-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    let (_worker, mut browser) = opened(&["--load", "10000"]);
    let behavior = json!({"behavior": "allow", "downloadPath": folder});
    browser.call("Browser.setDownloadBehavior", behavior);
    show_panel(&mut browser, "profile");
    browser.fill("main input[type=number]", "2");
    browser.press_button("Download for pprof");
    let file = folder.join("profile.pb.gz");
    poll_until("the download", || file.exists().then_some(()));
    let top = Command::new("go")
        .args(["tool", "pprof", "-top"])
        .arg(&file)
        .env("PPROF_TMPDIR", &folder)
        .output()
        .expect("Go is installed");
    let text = String::from_utf8_lossy(&top.stdout);
    assert!(text.contains("cache_engine::"), "{text} {top:?}");
    expect_no_problems(&mut browser);
    std::fs::remove_dir_all(&folder).expect("it was made here");
}

#[test]
fn records_from_before_are_shown_first() {
    let (_worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "log");
    browser.wait_for_text("main .log", "periodic thread started thread=evictor");
    expect_no_problems(&mut browser);
}

#[test]
fn metrics_have_rates_and_quantiles_and_are_reset() {
    let (worker, mut browser) = opened(&["--load", "200"]);
    show_panel(&mut browser, "metrics");
    browser.fill(SEARCH, "cache_hits");
    browser.wait("/[1-9].*\\/s/.test(document.querySelector('.family .number')?.textContent)");
    browser.wait("!!document.querySelector('.family svg.sparkline')");
    browser.fill(SEARCH, "process_start_time_seconds");
    browser.wait("document.querySelectorAll('.family').length === 1");
    let exact = curl(&[], &worker.url("/metrics")).body;
    let exact = exact
        .lines()
        .find_map(|line| line.strip_prefix("process_start_time_seconds "));
    let shown = browser.text(".family .number").replace(',', "");
    assert_eq!(Some(&*shown), exact);
    browser.fill(SEARCH, "cache_lookup_duration");
    browser.click(".family button");
    browser.wait_for_text(".detail th", "p99");
    browser.wait(
        "[...document.querySelectorAll('.detail td.number')].every((it) => it.textContent !== '')",
    );
    browser.press_button("Reset all");
    browser.press_button("Really? Reset all");
    browser.wait_for_text("main .note", "Reset: ok");
    // What shows a state is right after a reset too.
    let after = curl(&[], &worker.url("/metrics")).body;
    for gauge in ["admin_user_runtime_threads", "health_check_healthy"] {
        let mut lines = after.lines().filter(|line| line.starts_with(gauge));
        assert!(lines.any(|line| !line.ends_with(" 0")), "{gauge}: {after}");
    }
    let audit = curl(&[], &worker.url("/audit")).json();
    assert_eq!(audit["entries"][0]["what"], "POST /metrics/reset");
    expect_no_problems(&mut browser);
}

#[test]
fn scripts_run_and_their_errors_are_shown() {
    let (_worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "scripts");
    browser.fill("textarea", "# answer\nresult = 6 * 7\n");
    browser.wait("document.querySelector('.editor pre').textContent === '1\\n2\\n3'");
    browser.press_button("Run");
    browser.wait_for_text("pre.output", "42");
    browser.fill("textarea", "print('printed')\nresult = 5\n");
    browser.press_button("Run");
    browser.wait_for_text("pre.output", "printed");
    browser.fill("textarea", "result = missing\n");
    browser.press_button("Run");
    browser.wait_for_text(
        "main .error",
        "500 Error executing script: name 'missing' is not defined",
    );
    assert_eq!(
        browser.evaluate("document.querySelectorAll('.scripts li').length"),
        3
    );
    browser.reload();
    browser.wait_for_text(".scripts", "# answer");
    browser.press_button("Forget them");
    browser.wait("!document.querySelector('.scripts')");
    expect_no_problems(&mut browser);
}

#[test]
fn a_tier_is_cleared_through_its_form() {
    let (_worker, mut browser) = opened(&[]);
    show_panel(&mut browser, "endpoints");
    browser.fill(SEARCH, "post clear");
    browser.wait("document.querySelectorAll('nav.endpoints a').length === 1");
    browser.click("nav.endpoints a");
    browser.fill("#parameter-tier", "hot");
    browser.wait_for_text(".curl", "/cache/hot/clear");
    assert!(
        browser
            .text(".curl")
            .starts_with("curl -X POST http://127.0.0.1:")
    );
    browser.press_button("Send POST /cache/hot/clear");
    assert_eq!(browser.text(".detail .output"), "");
    browser.press_button("Really? Send POST /cache/hot/clear");
    browser.wait_for_text(".detail .output", "\"blocks\"");
    browser.fill("#parameter-tier", "tepid");
    browser.press_button("Send POST /cache/tepid/clear");
    browser.press_button("Really? Send POST /cache/tepid/clear");
    browser.wait_for_text(
        ".detail .output",
        "No tier 'tepid'; there are hot, warm, cold",
    );
    browser.wait_for_text(".detail .badge.bad", "404");
    show_panel(&mut browser, "audit");
    browser.wait_for_text("td", "POST /cache/tepid/clear");
    browser.wait_for_text("td .badge.bad", "404");
    expect_no_problems(&mut browser);
}

#[test]
fn a_dangerous_request_is_asked_twice() {
    let (_worker, mut browser) = opened(&[]);
    browser.evaluate("location.hash = 'endpoints/' + encodeURIComponent('POST /run_script')");
    browser.wait_for_text(".detail", "needs script");
    browser.wait("!!document.querySelector('.detail input[type=file]')");
    browser.evaluate(
        "{ const files = new DataTransfer();
           files.items.add(new File(['result = 2'], 'it.py'));
           const field = document.querySelector('.detail input[type=file]');
           field.files = files.files;
           field.dispatchEvent(new Event('change', { bubbles: true })); }",
    );
    browser.press_button("Send POST /run_script");
    browser.press_button("Really? Send POST /run_script");
    assert_eq!(browser.text(".detail .output"), "");
    browser.press_button("This is dangerous. Send POST /run_script");
    browser.wait_for_text(".detail .output", "2");
    expect_no_problems(&mut browser);
}

#[test]
fn a_refused_write_is_shown() {
    let (_worker, mut browser) = opened(&["--max-effect", "read"]);
    show_panel(&mut browser, "loggers");
    browser.fill("form [size]", "root");
    browser.press_button("Set");
    browser.press_button("Really? Set");
    browser.wait_for_text("main .error", "403 ");
    browser.wait_for_text("main .error", "read");
    expect_no_problems(&mut browser);
}
