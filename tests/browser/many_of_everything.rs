//! The live page with many of everything: how long interactions take.

use std::io::{self, Write};
use std::thread;

use admin_endpoints::fleet::FleetConfig;
use admin_runtime::AdminServer;

use crate::Changes;
use crate::live_page::{installed_levels, opened, show_panel};

/// How many of each the page has to show.
const LOGGERS: usize = 10_000;
const FAMILIES: usize = 5_000;
const THREADS: usize = 1_000;
const ENDPOINTS: usize = 500;

/// Milliseconds from an input to the picture after it.
const TIMED: &str = "globalThis.timed = async (act) => {
    const start = performance.now();
    act();
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - start;
  };
  globalThis.write = (selector, text) => {
    const field = document.querySelector(selector);
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }";

/// The times depend on the machine, so they are printed and not compared.
#[test]
fn many_of_everything_are_shown() {
    installed_levels();
    for number in 0..LOGGERS {
        let target = format!("many::logger_{number}");
        let record = log::Record::builder()
            .target(&target)
            .level(log::Level::Error)
            .args(format_args!("known"))
            .build();
        log::logger().log(&record);
    }
    for number in 0..FAMILIES {
        metrics::counter!(format!("many_family_{number}_total")).increment(1);
    }
    let gate = std::sync::Arc::new(std::sync::Barrier::new(THREADS + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let gate = std::sync::Arc::clone(&gate);
            let builder = thread::Builder::new().name(format!("many-{number}"));
            builder
                .stack_size(64 << 10)
                .spawn(move || gate.wait())
                .unwrap()
        })
        .collect();
    let template = AdminServer::builder()
        .state(Changes::default())
        .build()
        .unwrap();
    let template = template
        .registry()
        .endpoints()
        .iter()
        .find(|it| it.path() == "/value");
    let template = *template.unwrap();
    let mut builder = AdminServer::builder().state(Changes::default());
    for number in 0..ENDPOINTS {
        let path: &'static str = format!("/many/{number}").leak();
        builder = builder.endpoint(template.with_path(path));
    }
    let server = builder.bind("127.0.0.1:0").start().unwrap();
    let mut browser = opened(&server);
    browser.evaluate(TIMED);
    let mut times = Vec::new();
    for (id, row, search, found) in [
        ("loggers", ".logger", "logger_99", "many::logger_99"),
        (
            "metrics",
            ".family",
            "family_4321_",
            "many_family_4321_total",
        ),
        ("threads", ".group", "many-77", "many-77"),
        ("endpoints", "nav.endpoints a", "many/321", "/many/321"),
    ] {
        let shown = browser.evaluate(&format!("timed(() => {{ location.hash = '{id}'; }})"));
        browser.wait(&format!("document.querySelectorAll('{row}').length > 1"));
        let searched = browser.evaluate(&format!(
            "timed(() => write('main [data-search]', '{search}'))"
        ));
        browser.wait_for_text(row, found);
        let cleared = browser.evaluate("timed(() => write('main [data-search]', ''))");
        let chosen = browser.evaluate(&format!(
            "timed(() => document.querySelector('{row} .name, {row} code, {row} summary').click())"
        ));
        let scrolled = browser.evaluate(
            "timed(() => (document.querySelector('main .virtual, main .endpoints') ?? document.scrollingElement).scrollBy(0, 2000))",
        );
        times.push(format!(
            "{id}: show {shown}, search {searched}, clear {cleared}, choose {chosen}, scroll {scrolled}"
        ));
    }
    let _ = writeln!(io::stderr(), "milliseconds: {}", times.join("; "));
    // The rest of a long list is one press away.
    let links = "document.querySelectorAll('nav.endpoints a').length";
    let before = browser.evaluate(links);
    browser.press_button("Show more");
    browser.wait(&format!("{links} > {before}"));
    assert_eq!(browser.problems(), [""; 0]);
    gate.wait();
    threads.into_iter().for_each(|thread| drop(thread.join()));
}

const INSTANCES: usize = 1_000;

/// None of them answers, so that each has a reason.
#[test]
fn many_instances_are_shown() {
    let builder = AdminServer::builder().state(Changes::default());
    let builder = builder.config(FleetConfig::new()).bind("127.0.0.1:0");
    let server = builder.start().unwrap();
    for number in 0..INSTANCES {
        let name = format!("instance-{number}");
        let body = r#"{"address": "127.0.0.1:9", "ttl_seconds": 600}"#;
        let reply = admin_tests::send(
            server.local_addr(),
            "PUT",
            &format!("/fleet/instances/{name}"),
            &["Content-Type: application/json"],
            body.as_bytes(),
        );
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let mut browser = opened(&server);
    browser.evaluate(TIMED);
    show_panel(&mut browser, "fleet");
    let all = "1000 of 1000 instances; 0 ready, 0 not ready, 1000 unreachable";
    browser.wait_for_text("main [role=status]", all);
    let search = |text: &str| format!("timed(() => write('main [data-search]', '{text}'))");
    let searched = browser.evaluate(&search("instance-77"));
    browser.wait_for_text("main [role=status]", "11 of 1000 instances");
    let cleared = browser.evaluate(&search(""));
    browser.wait_for_text("main [role=status]", all);
    let more = browser.evaluate(
        "timed(() => [...document.querySelectorAll('button')].find((it) => it.textContent === 'Show more').click())",
    );
    browser.wait("document.querySelectorAll('tbody tr').length === 100");
    browser.evaluate(&search("no such instance"));
    browser.wait_for_text("main [role=status]", "0 of 1000 instances");
    let _ = writeln!(
        io::stderr(),
        "milliseconds: instances: search {searched}, clear {cleared}, show more {more}"
    );
    assert_eq!(browser.problems(), [""; 0]);
}
