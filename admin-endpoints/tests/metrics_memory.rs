//! Resident memory of series and scrapes, in a process of its own.
#![cfg(all(feature = "metrics", target_os = "linux"))]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::AdminServer;
use metrics::{Key, Label, Level, Metadata, Recorder as _};

const METADATA: Metadata<'static> = Metadata::new("memory", Level::INFO, None);

/// Memory that several scrapes may keep.
const MAX_RETAINED_BYTES: u64 = 4 * 1024 * 1024;

/// 200,000 series, or the value of `METRICS_SERIES`.
fn series() -> usize {
    let series = std::env::var("METRICS_SERIES")
        .ok()
        .and_then(|series| series.parse().ok());
    series.unwrap_or(200_000)
}

/// Resident memory without mapped files.
fn anonymous_bytes() -> u64 {
    let process = procfs::process::Process::myself().expect("/proc is mounted");
    let memory = process.statm().expect("/proc is readable");
    (memory.resident - memory.shared) * procfs::page_size()
}

/// Reads and discards `/metrics`; returns the number of lines.
fn scrape(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("the server reads");
    let (mut buffer, mut lines) = ([0; 16 * 1024], 0);
    loop {
        let length = stream.read(&mut buffer).expect("the server replies");
        lines += buffer[..length].iter().filter(|b| **b == b'\n').count();
        if length == 0 {
            return lines;
        }
    }
}

#[test]
fn series_and_scrapes_use_the_documented_memory() {
    let series = series();
    let recorder = Recorder::builder().build().expect("the defaults are valid");
    let before = anonymous_bytes();
    let running = AtomicUsize::new(2);
    thread::scope(|scope| {
        for half in 0..2 {
            let (recorder, running) = (&recorder, &running);
            scope.spawn(move || {
                for i in (half..series).step_by(2) {
                    let labels = vec![Label::new("i", format!("{i:012}"))];
                    let key = Key::from_parts("many", labels);
                    recorder.register_counter(&key, &METADATA).increment(1);
                }
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while running.load(Ordering::Relaxed) > 0 {
            for chunk in recorder.scrape() {
                assert!(chunk.expect("there is memory").len() < 80 * 1024);
            }
        }
    });
    let registered = anonymous_bytes();
    let bytes_per_series = registered.saturating_sub(before) / series as u64;
    assert!(bytes_per_series < 600, "{bytes_per_series}");

    let config = MetricsConfig::new(recorder);
    let builder = AdminServer::builder().config(config).bind("127.0.0.1:0");
    let server = builder.start().expect("a port is free");
    for _ in 0..3 {
        assert!(scrape(server.local_addr()) >= series);
    }
    let retained = anonymous_bytes().saturating_sub(registered);
    assert!(retained < MAX_RETAINED_BYTES, "{retained} bytes");
}
