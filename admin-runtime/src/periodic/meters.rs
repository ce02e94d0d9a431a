//! Metrics of one periodic thread through the `metrics` facade.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use metrics::{
    Counter, Gauge, Histogram, Key, Label, Level as MetricsLevel, Metadata, Recorder, Unit,
};

use super::Level;
use super::history::since_1970;

const RUNS: &str = "periodic_thread_runs_total";
const FAILURES: &str = "periodic_thread_failures_total";
const OVERRUNS: &str = "periodic_thread_overruns_total";
const LAST_RUN: &str = "periodic_thread_last_run_timestamp_seconds";
const DURATION: &str = "periodic_thread_duration_seconds";
const ACTIVE: &str = "periodic_thread_active";

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), MetricsLevel::INFO, Some(module_path!()));

/// The metrics of one thread. Keys are kept, and handles as long as the recorder is the same: one
/// taken before the application installs its recorder would count into nothing for ever.
#[derive(Debug)]
pub(super) struct Meters {
    runs: Key,
    failures: Key,
    overruns: Key,
    last_run: Key,
    duration: Key,
    active: Key,
    handles: Mutex<Option<(RecorderId, Handles)>>,
}

/// Which recorder gave the handles. The global one is never freed, so its address is its own.
#[derive(Debug, PartialEq, Eq)]
struct RecorderId(usize);

#[derive(Debug)]
struct Handles {
    runs: Counter,
    failures: Counter,
    overruns: Counter,
    last_run: Gauge,
    duration: Histogram,
    active: Gauge,
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
            handles: Mutex::new(None),
        }
    }

    /// Shows every series from the start, so that a rate over failures sees the first one.
    pub(super) fn started(&self) {
        self.with_handles(|handles| {
            for counter in [&handles.runs, &handles.failures, &handles.overruns] {
                counter.increment(0);
            }
            handles.active.set(1.0);
        });
    }

    pub(super) fn run(&self, run: &Measured) {
        self.with_handles(|handles| {
            handles.runs.increment(1);
            if run.failed {
                handles.failures.increment(1);
            }
            if run.overran {
                handles.overruns.increment(1);
            }
            handles.last_run.set(since_1970(run.began).as_secs_f64());
            handles.duration.record(run.took.as_secs_f64());
        });
    }

    pub(super) fn active(&self, active: bool) {
        self.with_handles(|handles| handles.active.set(f64::from(u8::from(active))));
    }

    fn with_handles(&self, record: impl FnOnce(&Handles)) {
        metrics::with_recorder(|recorder| {
            let id = RecorderId(std::ptr::from_ref(recorder).addr());
            let mut kept = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
            let (_, handles) = match &mut *kept {
                Some(kept) if kept.0 == id => kept,
                stale => stale.insert((id, self.handles_of(recorder))),
            };
            record(handles);
        });
    }

    fn handles_of(&self, recorder: &dyn Recorder) -> Handles {
        Handles {
            runs: recorder.register_counter(&self.runs, &METADATA),
            failures: recorder.register_counter(&self.failures, &METADATA),
            overruns: recorder.register_counter(&self.overruns, &METADATA),
            last_run: recorder.register_gauge(&self.last_run, &METADATA),
            duration: recorder.register_histogram(&self.duration, &METADATA),
            active: recorder.register_gauge(&self.active, &METADATA),
        }
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
