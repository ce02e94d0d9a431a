//! Under writers, resets and scrapes at once, every increment is accounted for exactly once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use metrics::{Key, Label, Level, Metadata, Recorder as _};

use super::Recorder;
use super::histogram::Patience;
use super::reset::reset_all;

const METADATA: Metadata<'static> = Metadata::new("stress", Level::INFO, None);
/// A record under way is waited for, however long the scheduler leaves it standing.
const FOR_EVER: Patience = Patience {
    spins: 100,
    yields: u32::MAX - 100,
};

/// What writers did or resets found, by family.
type Amounts = HashMap<String, f64>;

fn add(to: &mut Amounts, name: &str, amount: f64) {
    *to.entry(name.to_owned()).or_default() += amount;
}

/// Two seconds, or as many as `METRICS_STRESS_SECONDS` says.
fn duration() -> Duration {
    let seconds = std::env::var("METRICS_STRESS_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

fn reset(recorder: &Recorder, found: &mut Amounts) {
    let listing = recorder.catalog().merged_listing();
    let report = reset_all(
        &listing,
        |_| false,
        FOR_EVER,
        |name, amount| add(found, name, amount),
    );
    assert!(report.busy.is_empty());
}

/// Writes through held handles and through look-ups, new series included, until told to stop.
fn write(recorder: &Recorder, writer: u64, stop: &AtomicBool) -> Amounts {
    let mut done = Amounts::new();
    let name = Key::from_name;
    let counter = recorder.register_counter(&name("held"), &METADATA);
    let gauge = recorder.register_gauge(&name("level"), &METADATA);
    let histogram = recorder.register_histogram(&name("wait_seconds"), &METADATA);
    let summary = recorder.register_histogram(&name("size"), &METADATA);
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        counter.increment(1 + round % 3);
        add(&mut done, "held_total", (1 + round % 3) as f64);
        gauge.increment(2.0);
        gauge.decrement(1.0);
        add(&mut done, "level", 1.0);
        histogram.record(round as f64 % 12.0);
        histogram.record_many(0.5, 2);
        add(&mut done, "wait_seconds", 3.0);
        summary.record(1.0);
        add(&mut done, "size", 1.0);
        let series = vec![Label::new(
            "series",
            (round / 50 % 500 + 1000 * writer).to_string(),
        )];
        recorder
            .register_counter(&Key::from_parts("found", series), &METADATA)
            .increment(1);
        add(&mut done, "found_total", 1.0);
        round += 1;
    }
    done
}

/// The snapshot of the one histogram: buckets never fall, the last one is the count.
fn check_histogram(text: &str) {
    let value = |line: &str| line.rsplit(' ').next().and_then(|n| n.parse::<f64>().ok());
    let of = |prefix: &str| -> Vec<f64> {
        text.lines()
            .filter(|line| line.starts_with(prefix))
            .filter_map(value)
            .collect()
    };
    let buckets = of("wait_seconds_bucket{");
    assert!(buckets.is_sorted(), "{buckets:?}");
    assert_eq!(
        buckets.last().copied(),
        of("wait_seconds_count ").last().copied()
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it lasts for a time")]
fn every_increment_is_accounted_for_exactly_once() {
    let recorder = Recorder::builder().build().unwrap();
    let stop = AtomicBool::new(false);
    let (mut done, mut found) = (Amounts::new(), Amounts::new());
    let mut resets = 0;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                scope.spawn({
                    let (recorder, stop) = (&recorder, &stop);
                    move || write(recorder, writer, stop)
                })
            })
            .collect();
        let resetter = scope.spawn(|| {
            let (mut found, mut resets) = (Amounts::new(), 0);
            while !stop.load(Ordering::Relaxed) {
                reset(&recorder, &mut found);
                resets += 1;
            }
            (found, resets)
        });
        let scraper = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                check_histogram(&recorder.render());
            }
        });
        let end = Instant::now() + duration();
        while Instant::now() < end {
            std::thread::park_timeout(end - Instant::now());
        }
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer
                .join()
                .unwrap()
                .iter()
                .for_each(|(name, amount)| add(&mut done, name, *amount));
        }
        (found, resets) = resetter.join().unwrap();
        scraper.join().unwrap();
    });
    reset(&recorder, &mut found);
    found.retain(|name, _| !name.starts_with("admin_"));
    assert_eq!(found, done);
    assert!(resets > 10 && done["held_total"] > 1000.0);
}

#[test]
fn sixteen_threads_register_during_scrapes_and_resets() {
    let recorder = Recorder::builder().build().unwrap();
    let running = std::sync::atomic::AtomicUsize::new(16);
    let mut found = Amounts::new();
    std::thread::scope(|scope| {
        for thread in 0..16u64 {
            let (recorder, running) = (&recorder, &running);
            scope.spawn(move || {
                for i in 0..500u64 {
                    // Every series is registered by two threads, under two names for one.
                    let labels = vec![Label::new("i", ((thread / 2) * 500 + i).to_string())];
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
                recorder.scrape().for_each(drop);
            }
        });
        while running.load(Ordering::Relaxed) > 0 {
            reset(&recorder, &mut found);
        }
    });
    reset(&recorder, &mut found);
    assert_eq!(found["new_series_total"], 16.0 * 500.0);
    let lines = recorder
        .render()
        .lines()
        .filter(|l| l.starts_with("new_series_total{"))
        .count();
    assert_eq!(lines, 8 * 500);
}

#[test]
fn a_panic_while_recording_poisons_nothing() {
    let recorder = Recorder::builder().build().unwrap();
    let handle = recorder.register_histogram(&Key::from_name("size"), &METADATA);
    for _ in 0..4 {
        let result = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    handle.record(1.0);
                    recorder
                        .catalog()
                        .between_merges(|| assert!(recorder.is_full(), "on purpose"));
                })
                .join()
        });
        assert!(result.is_err());
    }
    handle.record(1.0);
    assert!(recorder.render().contains("size_count 5\n"));
    assert!(recorder.reset().is_ok());
}
