//! Metrics of one periodic thread through the `metrics` facade.

use std::time::{Duration, SystemTime};

use metrics::{Key, Label, Level as MetricsLevel, Metadata, Unit};

use super::Level;
use super::history::unix_seconds;

const RUNS: &str = "periodic_thread_runs_total";
const FAILURES: &str = "periodic_thread_failures_total";
const OVERRUNS: &str = "periodic_thread_overruns_total";
const LAST_RUN: &str = "periodic_thread_last_run_timestamp_seconds";
const DURATION: &str = "periodic_thread_duration_seconds";
const ACTIVE: &str = "periodic_thread_active";

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), MetricsLevel::INFO, Some(module_path!()));

/// The keys of one thread. Keys are kept, handles are not: a handle taken before the application
/// installs its recorder would count into nothing for ever.
#[derive(Debug)]
pub(super) struct Meters {
    runs: Key,
    failures: Key,
    overruns: Key,
    last_run: Key,
    duration: Key,
    active: Key,
}

/// What one run adds.
pub(super) struct Measured {
    pub(super) began: SystemTime,
    pub(super) took: Duration,
    pub(super) failed: bool,
    pub(super) overran: bool,
}

impl Meters {
    pub(super) fn new(name: &str, level: Level, server: Option<&str>) -> Self {
        let mut labels = vec![
            Label::new("name", name.to_owned()),
            Label::new("level", level.as_str()),
        ];
        labels.extend(server.map(|server| Label::new("server", server.to_owned())));
        let key = |metric| Key::from_parts(metric, labels.clone());
        Self {
            runs: key(RUNS),
            failures: key(FAILURES),
            overruns: key(OVERRUNS),
            last_run: key(LAST_RUN),
            duration: key(DURATION),
            active: key(ACTIVE),
        }
    }

    /// Shows every series from the start, so that a rate over failures sees the first one.
    pub(super) fn started(&self) {
        metrics::with_recorder(|recorder| {
            for counter in [&self.runs, &self.failures, &self.overruns] {
                recorder.register_counter(counter, &METADATA).increment(0);
            }
        });
        self.active(true);
    }

    pub(super) fn run(&self, run: &Measured) {
        metrics::with_recorder(|recorder| {
            recorder
                .register_counter(&self.runs, &METADATA)
                .increment(1);
            if run.failed {
                recorder
                    .register_counter(&self.failures, &METADATA)
                    .increment(1);
            }
            if run.overran {
                recorder
                    .register_counter(&self.overruns, &METADATA)
                    .increment(1);
            }
            recorder
                .register_gauge(&self.last_run, &METADATA)
                .set(unix_seconds(run.began));
            recorder
                .register_histogram(&self.duration, &METADATA)
                .record(run.took.as_secs_f64());
        });
    }

    pub(super) fn active(&self, active: bool) {
        metrics::with_recorder(|recorder| {
            let gauge = recorder.register_gauge(&self.active, &METADATA);
            gauge.set(f64::from(u8::from(active)));
        });
    }
}

/// Tells the recorder what the metrics mean; once per started set.
pub(super) fn describe() {
    metrics::describe_counter!(RUNS, "Runs of a periodic thread that have ended");
    metrics::describe_counter!(FAILURES, "Runs of a periodic thread that failed");
    metrics::describe_counter!(
        OVERRUNS,
        "Runs of a periodic thread longer than its interval"
    );
    metrics::describe_gauge!(
        LAST_RUN,
        Unit::Seconds,
        "When the last run that ended had begun"
    );
    metrics::describe_histogram!(
        DURATION,
        Unit::Seconds,
        "Duration of the runs of a periodic thread"
    );
    metrics::describe_gauge!(
        ACTIVE,
        "1 while a periodic thread does what it is there for, else 0"
    );
}
