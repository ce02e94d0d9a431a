//! The `process_*` metrics of the Prometheus client libraries.
//!
//! Source: prometheus.io, "Writing client libraries", "Process metrics".

use std::fmt::Write;

/// One reading of `/proc/self`; `None` for what could not be read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProcessStats {
    cpu_seconds: Option<f64>,
    open_fds: Option<f64>,
    max_fds: Option<f64>,
    virtual_bytes: Option<f64>,
    resident_bytes: Option<f64>,
    start_time: Option<f64>,
    threads: Option<f64>,
}

impl ProcessStats {
    /// Reads `/proc/self`. Takes about 50 µs, more with many open files.
    #[cfg(target_os = "linux")]
    pub(super) fn read() -> Self {
        use procfs::process::{LimitValue, Process};

        let Ok(process) = Process::myself() else {
            return Self::default();
        };
        let stat = process.stat().ok();
        let stat = stat.as_ref();
        let ticks = procfs::ticks_per_second() as f64;
        let max_fds = process
            .limits()
            .ok()
            .map(|limits| match limits.max_open_files.soft_limit {
                LimitValue::Unlimited => f64::INFINITY,
                LimitValue::Value(value) => value as f64,
            });
        Self {
            cpu_seconds: stat.map(|stat| (stat.utime + stat.stime) as f64 / ticks),
            open_fds: process.fd_count().ok().map(|count| count as f64),
            max_fds,
            virtual_bytes: stat.map(|stat| stat.vsize as f64),
            resident_bytes: stat.map(|stat| (stat.rss * procfs::page_size()) as f64),
            start_time: stat.and_then(|stat| {
                let boot = procfs::boot_time_secs().ok()?;
                Some(boot as f64 + stat.starttime as f64 / ticks)
            }),
            threads: stat.map(|stat| stat.num_threads as f64),
        }
    }

    /// Other systems have no `/proc`.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn read() -> Self {
        Self::default()
    }

    /// The exposition of the values that could be read.
    pub(super) fn exposition(&self) -> String {
        let table = [
            (
                "cpu_seconds_total",
                "counter",
                "Total user and system CPU time spent in seconds.",
                self.cpu_seconds,
            ),
            (
                "open_fds",
                "gauge",
                "Number of open file descriptors.",
                self.open_fds,
            ),
            (
                "max_fds",
                "gauge",
                "Maximum number of open file descriptors.",
                self.max_fds,
            ),
            (
                "virtual_memory_bytes",
                "gauge",
                "Virtual memory size in bytes.",
                self.virtual_bytes,
            ),
            (
                "resident_memory_bytes",
                "gauge",
                "Resident memory size in bytes.",
                self.resident_bytes,
            ),
            (
                "start_time_seconds",
                "gauge",
                "Start time of the process since unix epoch in seconds.",
                self.start_time,
            ),
            (
                "threads",
                "gauge",
                "Number of OS threads in the process.",
                self.threads,
            ),
        ];
        let mut text = String::new();
        for (name, kind, help, value) in table {
            let Some(value) = value else { continue };
            let value = if value.is_infinite() {
                "+Inf".to_owned()
            } else {
                value.to_string()
            };
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                text,
                "# HELP process_{name} {help}\n# TYPE process_{name} {kind}\nprocess_{name} {value}"
            );
        }
        text
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn readings_match_this_process() {
        let stats = ProcessStats::read();
        let file = std::fs::File::open("/proc/self/stat").unwrap();
        let more = ProcessStats::read();
        drop(file);
        assert!(more.open_fds > Some(2.0) && more.max_fds >= more.open_fds);
        assert!(stats.threads >= Some(1.0));
        assert!(stats.resident_bytes > Some(100_000.0));
        assert!(stats.virtual_bytes >= stats.resident_bytes);
        let uptime: f64 = std::fs::read_to_string("/proc/uptime")
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let now = procfs::boot_time_secs().unwrap() as f64 + uptime;
        assert!((now - stats.start_time.unwrap()).abs() < 3600.0 * 24.0);
        assert!(stats.start_time.unwrap() <= now + 1.0);
    }

    #[test]
    fn unknown_values_are_left_out() {
        let stats = ProcessStats {
            threads: Some(3.0),
            ..ProcessStats::default()
        };
        assert_eq!(
            stats.exposition(),
            "# HELP process_threads Number of OS threads in the process.\n\
             # TYPE process_threads gauge\nprocess_threads 3\n"
        );
    }
}
