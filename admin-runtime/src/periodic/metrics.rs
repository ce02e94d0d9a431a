//! Metrics of one periodic thread through the `metrics` facade.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};

use super::criticality::Criticality;
use super::state::ThreadState;
use super::wire::since_1970;
use crate::sync::lock;

const RUNS: &str = "periodic_thread_runs_total";
const FAILURES: &str = "periodic_thread_failures_total";
const OVERRUNS: &str = "periodic_thread_overruns_total";
const LAST_RUN: &str = "periodic_thread_last_run_timestamp_seconds";
const DURATION: &str = "periodic_thread_duration_seconds";
const ACTIVE: &str = "periodic_thread_active";
const FAULT: &str = "periodic_thread_fault";

/// The values of the label `fault`.
const FAULTS: [ThreadState; 4] = [
    ThreadState::Overdue,
    ThreadState::Failing,
    ThreadState::Stuck,
    ThreadState::Dead,
];

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The metrics of one thread. Handles are registered again when the recorder changes: a handle from
/// before the application installed its recorder records nothing.
#[derive(Debug)]
pub(super) struct ThreadMetrics {
    runs: Key,
    failures: Key,
    overruns: Key,
    last_run: Key,
    duration: Key,
    active: Key,
    faults: [Key; FAULTS.len()],
    handles: Mutex<Option<(RecorderId, MetricHandles)>>,
}

/// Which recorder the handles belong to. The global one is never freed, so its address is unique.
#[derive(Debug, PartialEq, Eq)]
struct RecorderId(usize);

#[derive(Debug)]
struct MetricHandles {
    runs: Counter,
    failures: Counter,
    overruns: Counter,
    last_run: Gauge,
    duration: Histogram,
    active: Gauge,
    faults: [Gauge; FAULTS.len()],
}

/// One run that has ended.
pub(super) struct MeasuredRun {
    pub(super) began: SystemTime,
    pub(super) took: Duration,
    pub(super) failed: bool,
    pub(super) overran: bool,
}

impl ThreadMetrics {
    pub(super) fn new(name: &str, level: Criticality, server: Option<&str>) -> Self {
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
            faults: FAULTS.map(|fault| {
                key(FAULT).with_extra_labels(vec![Label::new("fault", fault.as_str())])
            }),
            handles: Mutex::new(None),
        }
    }

    /// Creates every series, so that a rate over failures includes the first one.
    pub(super) fn started(&self) {
        self.with_handles(|handles| {
            for counter in [&handles.runs, &handles.failures, &handles.overruns] {
                counter.increment(0);
            }
            handles.set_state(ThreadState::Starting);
        });
    }

    pub(super) fn run(&self, run: &MeasuredRun) {
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

    pub(super) fn state(&self, state: ThreadState) {
        self.with_handles(|handles| handles.set_state(state));
    }

    fn with_handles(&self, record: impl FnOnce(&MetricHandles)) {
        metrics::with_recorder(|recorder| {
            let id = RecorderId(std::ptr::from_ref(recorder).addr());
            let mut cached = lock(&self.handles);
            let (_, handles) = match &mut *cached {
                Some(cached) if cached.0 == id => cached,
                stale => stale.insert((id, self.register(recorder))),
            };
            record(handles);
        });
    }

    fn register(&self, recorder: &dyn Recorder) -> MetricHandles {
        MetricHandles {
            runs: recorder.register_counter(&self.runs, &METADATA),
            failures: recorder.register_counter(&self.failures, &METADATA),
            overruns: recorder.register_counter(&self.overruns, &METADATA),
            last_run: recorder.register_gauge(&self.last_run, &METADATA),
            duration: recorder.register_histogram(&self.duration, &METADATA),
            active: recorder.register_gauge(&self.active, &METADATA),
            faults: self
                .faults
                .each_ref()
                .map(|key| recorder.register_gauge(key, &METADATA)),
        }
    }
}

impl MetricHandles {
    fn set_state(&self, state: ThreadState) {
        self.active.set(f64::from(u8::from(state.is_active())));
        for (fault, gauge) in FAULTS.iter().zip(&self.faults) {
            gauge.set(f64::from(u8::from(*fault == state)));
        }
    }
}

/// Registers the HELP texts; once for each started set.
pub(super) fn describe() {
    metrics::describe_counter!(RUNS, "Completed runs of the periodic thread");
    metrics::describe_counter!(FAILURES, "Failed runs of the periodic thread");
    metrics::describe_counter!(
        OVERRUNS,
        "Runs of the periodic thread that took longer than its interval"
    );
    metrics::describe_gauge!(
        LAST_RUN,
        Unit::Seconds,
        "Start time of the last completed run, in seconds since 1970"
    );
    metrics::describe_histogram!(
        DURATION,
        Unit::Seconds,
        "Duration of the runs of the periodic thread"
    );
    metrics::describe_gauge!(
        ACTIVE,
        "1 if the periodic thread is active (starting, waiting or running), otherwise 0"
    );
    metrics::describe_gauge!(
        FAULT,
        "1 if the periodic thread has the fault that the label names, otherwise 0"
    );
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn each_fault_has_a_series() {
        let exporter = PrometheusBuilder::new().build_recorder();
        let thread = ThreadMetrics::new("beat", Criticality::Critical, Some("one"));
        let faults = || {
            let text = exporter.handle().render();
            let set = |fault: &str| {
                let labels =
                    format!(r#"name="beat",level="critical",server="one",fault="{fault}""#);
                text.contains(&format!("{FAULT}{{{labels}}} 1\n"))
            };
            FAULTS.map(ThreadState::as_str).map(set)
        };
        metrics::with_local_recorder(&exporter, || {
            thread.started();
            assert_eq!(
                exporter.handle().render().matches(FAULT).count(),
                5,
                "and a TYPE"
            );
            assert_eq!(faults(), [false; 4]);
            for (i, state) in FAULTS.into_iter().enumerate() {
                thread.state(state);
                let mut expected = [false; 4];
                expected[i] = true;
                assert_eq!(faults(), expected);
            }
            thread.state(ThreadState::Paused);
            assert_eq!(faults(), [false; 4]);
        });
    }
}
