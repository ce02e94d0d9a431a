//! Console and file are the same bytes with and without clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use admin_endpoints::loglevel::ConfiguredLevel;
use admin_tests::{Case, cases};
use tracing::level_filters::LevelFilter;
use tracing::{debug, error, info, info_span, trace, warn};

use super::client::Client;
use super::process::{Process, process};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        console_and_file_are_the_same_with_clients,
        a_client_misses_nothing_while_levels_change
    ]
}

/// Events of all kinds, at all levels.
fn log_everything() {
    for number in 0_u64..50 {
        let span = info_span!("request", number);
        let _entered = span.enter();
        trace!(target: "unchanged::a", number, "at TRACE");
        debug!(target: "unchanged::a", number, "at DEBUG");
        info!(target: "unchanged::a", number, "at INFO");
        debug!(target: "quiet::b", number, "quiet at DEBUG");
        info!(target: "quiet::b", number, "quiet at INFO");
        warn!(target: "quiet::b", number, "quiet at WARN");
        log::debug!(target: "unchanged::log", "log at DEBUG {number}");
        log::info!(target: "unchanged::log", "log at INFO {number}");
        error!(target: "nested::outer", number, "a layer logs");
        debug!(target: "nested::outer", number, "no layer logs");
        let debug_span = tracing::debug_span!("not enabled", number);
        debug_span.in_scope(|| info!(target: "unchanged::a", number, "in a disabled span"));
    }
}

fn output(process: &Process) -> (String, String) {
    process.take_output();
    log_everything();
    process.take_output()
}

fn console_and_file_are_the_same_with_clients() {
    let process = process();
    let before = output(process);
    assert!(before.0.contains("in a disabled span"), "{}", before.0);
    assert!(before.0.contains("from a layer at INFO"), "{}", before.0);
    assert!(!before.0.contains("DEBUG"), "{}", before.0);
    assert!(!before.0.contains("quiet at INFO") && before.1.contains("quiet at INFO"));
    let mut clients: Vec<_> = ["trace", "off,quiet=debug", "warn"]
        .iter()
        .map(|filter| {
            let query = format!("filter={filter}&seconds=60&limit=300");
            Client::open(process.at(), &query, &[])
        })
        .collect();
    let during = output(process);
    assert_eq!(during, before);
    let quiet = clients[1].message("quiet at DEBUG");
    assert_eq!(quiet["spans"][0]["name"], "request");
    clients[0].message("from a layer at DEBUG");
    drop(clients);
    assert_eq!(output(process), before);
}

fn a_client_misses_nothing_while_levels_change() {
    let process = process();
    let query = "filter=off,unchanged::levels=debug&limit=5000&seconds=60";
    let mut client = Client::open(process.at(), query, &[]);
    let done = Arc::new(AtomicBool::new(false));
    let changes = {
        let (done, levels) = (Arc::clone(&done), process.levels.clone());
        let thread = thread::Builder::new();
        thread.spawn(move || {
            let logger = "unchanged::levels".parse().unwrap();
            let mut changes = 0_u64;
            while !done.load(Ordering::Relaxed) {
                for level in [LevelFilter::OFF, LevelFilter::DEBUG, LevelFilter::ERROR] {
                    let level = ConfiguredLevel::Set(level);
                    levels.set(&logger, level, None, "test").unwrap();
                    changes += 1;
                }
            }
            levels.clear(&logger, "test").unwrap();
            changes
        })
    };
    for number in 0..5000 {
        debug!(target: "unchanged::levels", number, "one of many");
        if number % 100 == 0 {
            thread::yield_now();
        }
    }
    done.store(true, Ordering::Relaxed);
    assert!(changes.unwrap().join().unwrap() > 0);
    let objects = client.objects();
    let numbers: Vec<_> = objects
        .iter()
        .filter_map(|object| object["fields"]["number"].as_u64())
        .collect();
    assert!(
        numbers.iter().copied().eq(0..5000),
        "{} records",
        numbers.len()
    );
    process.take_output();
}
