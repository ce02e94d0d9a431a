//! Many threads that log, and clients that read or do not.

use std::thread;
use std::time::Duration;

use admin_tests::{Case, cases};
use serde_json::Value;
use tracing::debug;

use super::client::Client;
use super::process::process;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        only_a_stalled_client_loses_records,
        threads_that_log_never_wait_for_a_client
    ]
}

const THREADS: u64 = 8;

/// Logs from eight threads, at most `per_millisecond` events each.
fn log_from_threads(events: u64, per_millisecond: u64) {
    thread::scope(|threads| {
        for thread in 0..THREADS {
            threads.spawn(move || {
                for number in 0..events {
                    debug!(target: "load", thread, number, "an event under load");
                    if number % per_millisecond == 0 {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
    });
}

/// The records and the reported drops, in order for each thread.
fn count(objects: &[Value]) -> (u64, u64) {
    let mut last = [None; THREADS as usize];
    let (mut records, mut dropped) = (0, 0);
    for object in objects {
        if let Some(count) = object["dropped"].as_u64() {
            dropped += count;
        } else if let Some(number) = object["fields"]["number"].as_u64() {
            let thread = object["fields"]["thread"].as_u64().unwrap();
            let last = &mut last[usize::try_from(thread).unwrap()];
            assert!(last.is_none_or(|last| last < number), "{object}");
            *last = Some(number);
            records += 1;
        }
    }
    (records, dropped)
}

fn only_a_stalled_client_loses_records() {
    let process = process();
    let events = 10_000;
    let query = "filter=off,load=debug&seconds=120";
    let stalled = Client::open(process.at(), query, &[]);
    let limit = format!("{query}&limit={}", THREADS * events);
    let mut reading = Client::open(process.at(), &limit, &[]);
    let reader = thread::Builder::new();
    let reader = reader.spawn(move || reading.objects()).unwrap();
    log_from_threads(events, 1);
    let (records, dropped) = count(&reader.join().unwrap());
    assert_eq!((records, dropped), (THREADS * events, 0));
    let mut stalled = stalled;
    let mut objects = Vec::new();
    // What was dropped is told after the last record that had room.
    while objects
        .last()
        .is_none_or(|object: &Value| object.get("dropped").is_none())
    {
        objects.push(stalled.object().unwrap());
    }
    let (records, dropped) = count(&objects);
    assert_eq!(records + dropped, THREADS * events);
    debug!(target: "load", thread = 0_u64, number = events, "there is room again");
    stalled.message("there is room again");
}

fn threads_that_log_never_wait_for_a_client() {
    let process = process();
    let query = "filter=off,load=debug&seconds=120";
    let _stalled: Vec<_> = (0..4)
        .map(|_| Client::open(process.at(), query, &[]))
        .collect();
    // A thread that waited for a client would never return.
    let (done, is_done) = std::sync::mpsc::channel();
    let thread = thread::Builder::new();
    let logging = thread.spawn(move || {
        log_from_threads(20_000, u64::MAX);
        done.send(()).unwrap();
    });
    drop(logging.unwrap());
    is_done.recv_timeout(Duration::from_secs(100)).unwrap();
}
