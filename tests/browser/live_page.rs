//! The live page: texts that look like markup, large numbers, and a prefix.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::{AdminServer, RunningServer, admin_endpoint};
use admin_tests::Browser;
use tracing_subscriber::prelude::*;

use crate::{Changes, started};

/// Text that runs or shows something if it is taken for markup.
const MARKUP: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>";

/// What the page must not have: elements of texts.
const INTRUDERS: &str =
    "document.querySelectorAll('img, b, iframe, script:not([type=module])').length";

/// Answers <img src=x onerror=alert(1)><b>bold</b> and `</script><script>alert(1)</script>`.
#[admin_endpoint(path = "/markup")]
async fn markup(
    /// <img src=x onerror=alert(3)>
    #[param(default = "<b>\"'")]
    text: String,
) -> String {
    text + MARKUP
}

/// The levels of this process, and its metrics.
pub(crate) fn installed_levels() -> &'static LogLevels {
    static LEVELS: OnceLock<LogLevels> = OnceLock::new();
    LEVELS.get_or_init(|| {
        let levels = LogLevels::from_spec("warn").unwrap();
        tracing_subscriber::registry().with(levels.filter()).init();
        levels.install().unwrap();
        admin_endpoints::metrics::install().unwrap();
        levels
    })
}

pub(crate) fn opened(server: &RunningServer) -> Browser {
    let mut browser = Browser::start();
    browser.open(&format!("http://{}/", server.local_addr()));
    browser.wait_for_text("nav.panels", "Endpoints");
    browser
}

pub(crate) fn show_panel(browser: &mut Browser, id: &str) {
    browser.evaluate(&format!("location.hash = '{id}'"));
    browser.wait(&format!("!!document.querySelector('main.panel-{id}')"));
}

#[test]
fn texts_with_markup_stay_texts() {
    installed_levels();
    metrics::counter!("markup_total", "label" => MARKUP).increment(1);
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let named = thread::Builder::new().name("<b>bold</b>".into());
    let named = named.spawn(move || stopped.recv().is_err()).unwrap();
    let server = AdminServer::builder()
        .name("<b>server</b>")
        .state(Changes::default())
        .bind("127.0.0.1:0")
        .start()
        .unwrap();
    let mut browser = opened(&server);
    let expect_text = |browser: &mut Browser, selector: &str, text: &str| {
        browser.wait_for_text(selector, text);
        assert_eq!(browser.evaluate(INTRUDERS), 0, "{text}");
    };
    expect_text(&mut browser, "header", "<b>server</b>");
    show_panel(&mut browser, "endpoints");
    browser.fill("main [data-search]", "/markup");
    expect_text(
        &mut browser,
        ".summary",
        "Answers <img src=x onerror=alert(1)>",
    );
    browser.click("nav.endpoints a");
    expect_text(&mut browser, ".parameter", "<img src=x onerror=alert(3)>");
    browser.fill("#parameter-text", "<b>sent</b>");
    browser.press_button("Send GET /markup");
    expect_text(&mut browser, ".output", MARKUP);
    expect_text(&mut browser, ".output", "<b>sent</b>");
    show_panel(&mut browser, "threads");
    browser.fill("main [data-search]", "bold");
    expect_text(&mut browser, ".group", "<b>bold</b>");
    show_panel(&mut browser, "metrics");
    browser.fill("main [data-search]", "markup_total");
    browser.click(".family button");
    expect_text(&mut browser, ".detail td", MARKUP);
    show_panel(&mut browser, "log");
    browser.fill("main form input", "off,page_markup=debug");
    browser.press_button("Follow");
    browser.wait_for_text("main [role=status]", "following");
    admin_tests::poll_until("a record", || {
        tracing::debug!(target: "page_markup", field = MARKUP, "{MARKUP}");
        let shown = browser.evaluate("!!document.querySelector('.record')");
        (shown == true).then_some(())
    });
    expect_text(&mut browser, ".record", MARKUP);
    show_panel(&mut browser, "loggers");
    browser.fill("main form input", MARKUP);
    browser.press_button("Set");
    browser.press_button("Really? Set");
    browser.wait("!!document.querySelector('main .note')");
    assert_eq!(browser.evaluate(INTRUDERS), 0);
    assert_eq!(browser.problems(), [""; 0]);
    drop(stop);
    named.join().unwrap();
}

#[test]
fn large_integers_are_shown_exactly() {
    installed_levels();
    let (server, _) = started();
    let mut browser = opened(&server);
    show_panel(&mut browser, "log");
    browser.fill("main form input", "off,page_exact=info");
    browser.press_button("Follow");
    browser.wait_for_text("main [role=status]", "following");
    admin_tests::poll_until("a record", || {
        let (id, signed, wide) = (u64::MAX, i64::MIN, u128::MAX);
        tracing::info!(target: "page_exact", id, signed, wide, half = 0.5, "large");
        let shown = browser.evaluate("!!document.querySelector('.record')");
        (shown == true).then_some(())
    });
    let record = browser.text(".record");
    for exact in [
        "id=18446744073709551615",
        "signed=-9223372036854775808",
        "wide=340282366920938463463374607431768211455",
        "half=0.5",
    ] {
        assert!(record.contains(exact), "{record}");
    }
    // A browser that cannot read them says so.
    browser.evaluate("delete JSON.rawJSON");
    show_panel(&mut browser, "loggers");
    show_panel(&mut browser, "log");
    admin_tests::poll_until("a rounded record", || {
        tracing::info!(target: "page_exact", id = u64::MAX, "large");
        let shown = browser.text(".log");
        let note = "id=18446744073709552000 (this browser rounds integers beyond 2^53)";
        shown.contains(note).then_some(())
    });
    assert_eq!(browser.problems(), [""; 0]);
}

/// More than the buffer of a client has.
const BURST: usize = 50_000;
/// Longer than the page takes between two paints.
const PAINTED: Duration = Duration::from_millis(500);

/// Until two paints have shown the same last row.
fn wait_for_the_last_record(browser: &mut Browser) {
    let mut before = None;
    admin_tests::poll_until("the end of a burst", || {
        thread::sleep(PAINTED);
        let last = browser.evaluate("document.querySelector('.log').lastElementChild?.textContent");
        let is_last = before.as_ref() == Some(&last);
        before = Some(last);
        is_last.then_some(())
    });
}

#[test]
fn dropped_records_are_counted() {
    installed_levels();
    let (server, _) = started();
    let mut browser = opened(&server);
    show_panel(&mut browser, "log");
    browser.fill("main form input", "off,page_burst=info");
    browser.press_button("Follow");
    browser.wait_for_text("main [role=status]", "following");
    // Only the last rows are shown: the note is among them where the end of a burst was dropped.
    admin_tests::poll_until("a note in the place of dropped records", || {
        for number in 0..BURST {
            tracing::info!(target: "page_burst", number, "one of many");
        }
        wait_for_the_last_record(&mut browser);
        let notes = browser.evaluate(
            "[...document.querySelectorAll('.record.NOTE')].map((it) => it.textContent).join()",
        );
        let notes = notes.as_str().unwrap_or_default();
        notes.contains("records dropped").then_some(())
    });
    browser.wait_for_text("main [role=status]", " dropped");
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn a_missing_line_of_main_is_shown() {
    let (server, _) = started();
    let mut browser = opened(&server);
    show_panel(&mut browser, "scripts");
    browser.press_button("Run");
    browser.wait_for_text("main .error", "501 ");
    browser.wait_for_text("main .error", "admin_endpoints::script::init()");
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn routes_that_are_not_linked_have_no_panel() {
    let server = AdminServer::builder()
        .state(Changes::default())
        .exclude("/run_script")
        .exclude("/audit")
        .exclude("/metrics")
        .exclude("/livez")
        .bind("127.0.0.1:0")
        .start()
        .unwrap();
    let mut browser = opened(&server);
    browser.wait_for_text("#probe-ready", "ready");
    let panels = browser.text("nav.panels");
    for absent in ["Scripts", "Audit", "Metrics"] {
        assert!(!panels.contains(absent), "{panels}");
    }
    assert!(panels.contains("Threads"), "{panels}");
    assert_eq!(
        browser.evaluate("!document.querySelector('#probe-live')"),
        true
    );
    assert_eq!(browser.problems(), [""; 0]);
}

/// With and without a slash at the end of the address.
#[test]
fn a_mounted_page_asks_below_its_prefix() {
    let admin = AdminServer::builder()
        .state(Changes::default())
        .trust_loopback();
    let app = axum::Router::new().nest_service("/deep/admin", admin.service().unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let at = listener.local_addr().unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().worker_threads(1).build().unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, app).await
    });
    for path in ["/deep/admin", "/deep/admin/"] {
        let mut browser = Browser::start();
        browser.open(&format!("http://{at}{path}"));
        browser.wait_for_text("nav.panels", "Endpoints");
        show_panel(&mut browser, "endpoints");
        browser.fill("main [data-search]", "post change");
        browser.click("nav.endpoints a");
        browser.wait_for_text(".curl", &format!("http://{at}/deep/admin/change"));
        let asked = browser.requests();
        let is_below = |url: &String| url.contains("/deep/admin") || !url.starts_with("http");
        assert!(asked.iter().all(is_below), "{asked:?}");
        assert_eq!(browser.problems(), [""; 0]);
    }
    runtime.shutdown_background();
}
