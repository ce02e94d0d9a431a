//! Resets and scrapes during concurrent recording: every increment is counted exactly once.
#![cfg(feature = "metrics")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use admin_endpoints::metrics::{Recorder, ResetError};
use metrics::{Key, Label, Level, Metadata, Recorder as _};

const METADATA: Metadata<'static> = Metadata::new("accounting", Level::INFO, None);

/// Recorded or reset amounts by family.
type Amounts = HashMap<String, f64>;

fn add(amounts: &mut Amounts, name: &str, amount: f64) {
    *amounts.entry(name.to_owned()).or_default() += amount;
}

fn recorder() -> Recorder {
    Recorder::builder().build().expect("the defaults are valid")
}

/// Two seconds, or the value of `METRICS_STRESS_SECONDS`.
fn duration() -> Duration {
    let seconds = std::env::var("METRICS_STRESS_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

/// A histogram that is busy keeps its samples for the next reset.
fn reset(recorder: &Recorder, amounts: &mut Amounts) {
    match recorder.reset_with(|name, amount| add(amounts, name, amount)) {
        Ok(_) | Err(ResetError::HistogramBusy { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn final_reset(recorder: &Recorder, amounts: &mut Amounts) {
    let report = recorder.reset_with(|name, amount| add(amounts, name, amount));
    report.expect("no thread is recording");
}

/// Records through held handles and through lookups, including new series, until `stop`.
fn record(recorder: &Recorder, thread: u64, stop: &AtomicBool) -> Amounts {
    let mut recorded = Amounts::new();
    let name = Key::from_name;
    let counter = recorder.register_counter(&name("held"), &METADATA);
    let gauge = recorder.register_gauge(&name("level"), &METADATA);
    let histogram = recorder.register_histogram(&name("wait_seconds"), &METADATA);
    let summary = recorder.register_histogram(&name("size"), &METADATA);
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        counter.increment(1 + round % 3);
        add(&mut recorded, "held_total", (1 + round % 3) as f64);
        gauge.increment(2.0);
        gauge.decrement(1.0);
        add(&mut recorded, "level", 1.0);
        histogram.record(round as f64 % 12.0);
        histogram.record_many(0.5, 2);
        add(&mut recorded, "wait_seconds", 3.0);
        summary.record(if round % 5 == 0 { f64::NAN } else { 1.0 });
        add(&mut recorded, "size", 1.0);
        let series = round / 50 % 500 + 1000 * thread;
        let labels = vec![Label::new("series", series.to_string())];
        recorder
            .register_counter(&Key::from_parts("looked_up", labels), &METADATA)
            .increment(1);
        add(&mut recorded, "looked_up_total", 1.0);
        round += 1;
    }
    recorded
}

/// Buckets are cumulative and the last one equals the count.
fn check_histogram(text: &str) {
    let values = |prefix: &str| -> Vec<f64> {
        text.lines()
            .filter(|line| line.starts_with(prefix))
            .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
            .collect()
    };
    let buckets = values("wait_seconds_bucket{");
    assert!(buckets.is_sorted(), "{buckets:?}");
    assert_eq!(buckets.last(), values("wait_seconds_count ").last());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test has a duration")]
fn every_increment_is_counted_once() {
    let recorder = recorder();
    let stop = AtomicBool::new(false);
    let (mut recorded, mut reset_amounts) = (Amounts::new(), Amounts::new());
    let mut resets = 0;
    thread::scope(|scope| {
        let writers = [0, 1].map(|thread| {
            let (recorder, stop) = (&recorder, &stop);
            scope.spawn(move || record(recorder, thread, stop))
        });
        let resetter = scope.spawn(|| {
            let (mut amounts, mut resets) = (Amounts::new(), 0);
            while !stop.load(Ordering::Relaxed) {
                reset(&recorder, &mut amounts);
                resets += 1;
            }
            (amounts, resets)
        });
        let scraper = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                check_histogram(&recorder.render());
            }
        });
        let end = Instant::now() + duration();
        while Instant::now() < end {
            thread::park_timeout(end - Instant::now());
        }
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            for (name, amount) in writer.join().expect("the writer does not panic") {
                add(&mut recorded, &name, amount);
            }
        }
        (reset_amounts, resets) = resetter.join().expect("the resetter does not panic");
        scraper.join().expect("the scraper does not panic");
    });
    final_reset(&recorder, &mut reset_amounts);
    assert_eq!(reset_amounts, recorded);
    assert!(resets > 10 && recorded["held_total"] > 1000.0);
}

#[test]
fn concurrent_registration_loses_no_series() {
    const THREADS: u64 = 16;
    const SERIES_PER_THREAD: u64 = 500;
    let recorder = recorder();
    let running = AtomicUsize::new(THREADS as usize);
    let mut amounts = Amounts::new();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (recorder, running) = (&recorder, &running);
            scope.spawn(move || {
                for i in 0..SERIES_PER_THREAD {
                    // Two threads register each series, with two spellings of its name.
                    let series = (thread / 2) * SERIES_PER_THREAD + i;
                    let labels = vec![Label::new("i", series.to_string())];
                    let name = if thread % 2 == 0 {
                        "new.series"
                    } else {
                        "new_series_total"
                    };
                    recorder
                        .register_counter(&Key::from_parts(name, labels), &METADATA)
                        .increment(1);
                }
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        scope.spawn(|| {
            while running.load(Ordering::Relaxed) > 0 {
                for chunk in recorder.scrape() {
                    chunk.expect("there is memory for a chunk");
                }
            }
        });
        while running.load(Ordering::Relaxed) > 0 {
            reset(&recorder, &mut amounts);
        }
    });
    final_reset(&recorder, &mut amounts);
    let expected = (THREADS * SERIES_PER_THREAD) as f64;
    assert_eq!(amounts["new_series_total"], expected);
    let text = recorder.render();
    let lines = text.lines().filter(|l| l.starts_with("new_series_total{"));
    assert_eq!(lines.count() as u64, THREADS / 2 * SERIES_PER_THREAD);
}
