//! The memory that series take: in a process of its own, where nothing else allocates.
#![cfg(all(feature = "metrics", target_os = "linux"))]

use std::sync::atomic::{AtomicUsize, Ordering};

use admin_endpoints::metrics::Recorder;
use metrics::{Key, Label, Level, Metadata, Recorder as _};

const METADATA: Metadata<'static> = Metadata::new("memory", Level::INFO, None);

/// 100,000 series, or as many as `METRICS_SERIES` says.
fn series() -> usize {
    let series = std::env::var("METRICS_SERIES")
        .ok()
        .and_then(|n| n.parse().ok());
    series.unwrap_or(100_000)
}

fn resident_bytes() -> u64 {
    let process = procfs::process::Process::myself().expect("/proc is there");
    process.statm().expect("/proc is readable").resident * procfs::page_size()
}

#[test]
fn many_series_are_listed_while_they_come_and_take_the_memory_that_is_documented() {
    let series = series();
    let recorder = Recorder::builder().build().expect("the defaults are fine");
    let before = resident_bytes();
    let running = AtomicUsize::new(2);
    std::thread::scope(|scope| {
        for half in 0..2 {
            let (recorder, running) = (&recorder, &running);
            scope.spawn(move || {
                for i in (half..series).step_by(2) {
                    let key = Key::from_parts("many", vec![Label::new("i", format!("{i:012}"))]);
                    recorder.register_counter(&key, &METADATA).increment(1);
                }
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while running.load(Ordering::Relaxed) > 0 {
            assert!(recorder.scrape().all(|chunk| chunk.len() < 80 * 1024));
        }
    });
    let lines: usize = recorder
        .scrape()
        .map(|chunk| chunk.iter().filter(|byte| **byte == b'\n').count())
        .sum();
    assert!(lines >= series);
    let each = resident_bytes().saturating_sub(before) / series as u64;
    assert!(each < 700, "{each} bytes a series");
}
