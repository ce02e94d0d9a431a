//! The live page of the worker in a browser.

mod accessible;
mod behaviour;
mod fleet;
mod forms;
mod panels;
mod token;

use std::path::PathBuf;

use admin_tests::Browser;

use crate::process::{Process, WORKER};

/// Where the screenshots are.
const SCREENSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/page");

/// Every panel of the worker's page, in its order.
const PANELS: [&str; 9] = [
    "periodic",
    "loggers",
    "log",
    "threads",
    "profile",
    "metrics",
    "scripts",
    "endpoints",
    "audit",
];

fn screenshot_file(name: &str) -> PathBuf {
    PathBuf::from(SCREENSHOTS).join(format!("{name}.png"))
}

/// A worker, and a browser that shows its page.
fn opened(args: &[&str]) -> (Process, Browser) {
    let worker = Process::start(WORKER, args);
    let mut browser = Browser::start();
    browser.open(&worker.url("/"));
    (worker, browser)
}

/// Chooses a panel, and waits until it is shown.
#[track_caller]
fn show_panel(browser: &mut Browser, id: &str) {
    browser.evaluate(&format!("location.hash = '{id}'"));
    browser.wait(&format!("!!document.querySelector('main.panel-{id}')"));
}

/// Presses the button of a write, by its name, and again when it asks.
#[track_caller]
fn confirm(browser: &mut Browser, name: &str) {
    browser.click(&format!("[aria-label=\"{name}\"]"));
    browser.click(&format!("[aria-label=\"Really? {name}\"]"));
}

#[track_caller]
fn expect_no_problems(browser: &mut Browser) {
    assert_eq!(browser.problems(), [""; 0]);
}
