//! Checks that run, fail, hang, block and panic.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::runtime::{Builder, Runtime};

use super::descriptor::{CheckSettings, HealthCheckDescriptor};
use super::{CheckKind, CheckReport, CheckRuntimes, CheckStatus, HealthChecks, HealthStartError};
use crate::PeriodicError;
use crate::periodic::descriptor::{AsyncRun, PeriodicBody};
use crate::periodic::{PeriodicThreads, RunContext, RunSummary};
use crate::server_state::ServerState;
use crate::source::SourceLocation;
use crate::sync::lock;

/// How long an event may take that comes unless something is broken.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

const SETTINGS: CheckSettings = CheckSettings::DEFAULT
    .with_interval(Duration::from_millis(5))
    .with_timeout(Duration::from_millis(30));

/// What the checks of a test share.
#[derive(Clone, Default)]
struct Gate(Arc<GateState>);

#[derive(Default)]
struct GateState {
    runs: AtomicUsize,
    dropped: AtomicUsize,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn from_context(context: &RunContext) -> Self {
        context.state::<Self>().unwrap().clone()
    }

    fn wait(&self) {
        let is_open = lock(&self.0.is_open);
        drop(
            self.0
                .opened
                .wait_timeout_while(is_open, EVENT_TIMEOUT, |open| !*open),
        );
    }

    fn open(&self) {
        *lock(&self.0.is_open) = true;
        self.0.opened.notify_all();
    }

    fn count(&self) -> usize {
        self.0.runs.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// Counts what is dropped.
struct Held(Gate);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

fn check(name: &'static str, body: PeriodicBody) -> HealthCheckDescriptor {
    HealthCheckDescriptor {
        name,
        docs: "",
        settings: SETTINGS,
        required_state: &[],
        source: SourceLocation::new("app", "app", name),
        body,
    }
}

fn checks(linked: &[HealthCheckDescriptor], gate: &Gate) -> HealthChecks {
    let mut state = ServerState::default();
    state.insert_state(gate.clone());
    let state = Arc::new(state);
    let periodic = PeriodicThreads::new(None, &[], &state);
    HealthChecks::new(Some("one".to_owned()), linked, &state, periodic)
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
}

fn report(checks: &HealthChecks, name: &str) -> CheckReport {
    let mut reports = checks.reports(CheckKind::Ready).into_iter();
    reports.find(|report| report.name == name).unwrap()
}

fn message(checks: &HealthChecks, name: &str) -> String {
    report(checks, name).message.unwrap_or_default()
}

#[track_caller]
fn wait_for(checks: &HealthChecks, what: &str, condition: impl Fn() -> bool) {
    assert!(checks.wait_until(EVENT_TIMEOUT, condition), "{what}");
}

#[test]
fn last_result_is_kept() {
    let gate = Gate::default();
    let linked = [
        check(
            "async",
            PeriodicBody::Async(|context| {
                let gate = Gate::from_context(context);
                Ok(Box::pin(async move {
                    if gate.count() == 1 {
                        return Err(PeriodicError::new("no route"));
                    }
                    gate.open();
                    Ok(RunSummary::default())
                }))
            }),
        ),
        check(
            "sync",
            PeriodicBody::Sync(|_| Err(PeriodicError::new("no disk"))),
        ),
    ];
    let checks = checks(&linked, &gate);
    let not_started = message(&checks, "async");
    assert!(
        not_started.starts_with("has not run yet: "),
        "{not_started}"
    );
    assert!(
        not_started.contains("health_checks().start()"),
        "{not_started}"
    );
    let runtime = runtime();
    let running = checks
        .start_on(CheckRuntimes::shared(Some(runtime.handle())))
        .unwrap();
    wait_for(&checks, "sync failed", || {
        message(&checks, "sync") == "no disk"
    });
    wait_for(&checks, "async ok", || {
        report(&checks, "async").status == CheckStatus::Ok
    });
    assert!(report(&checks, "async").duration.is_some());
    drop(running);
    for name in ["async", "sync"] {
        wait_for(&checks, name, || {
            message(&checks, name) == "has been stopped"
        });
    }
}

#[test]
fn panics_and_long_errors_are_shortened() {
    let gate = Gate::default();
    let linked = [
        check(
            "async",
            PeriodicBody::Async(|_| Ok(Box::pin(async { panic!("s3cret") }))),
        ),
        check("early", PeriodicBody::Async(|_| panic!("s3cret"))),
        check(
            "long",
            PeriodicBody::Sync(|_| Err(PeriodicError::new("é".repeat(500_000)))),
        ),
        check("sync", PeriodicBody::Sync(|_| panic!("s3cret"))),
    ];
    let checks = checks(&linked, &gate);
    let runtime = runtime();
    let _running = checks
        .start_on(CheckRuntimes::shared(Some(runtime.handle())))
        .unwrap();
    for name in ["async", "early", "sync"] {
        wait_for(&checks, name, || message(&checks, name) == "panicked");
    }
    wait_for(&checks, "long", || message(&checks, "long").len() == 1024);
}

#[test]
fn async_run_is_dropped_at_its_timeout() {
    let gate = Gate::default();
    let body = PeriodicBody::Async(|context| {
        let held = Held(Gate::from_context(context));
        held.0.count();
        Ok(Box::pin(async move {
            std::future::pending::<()>().await;
            drop(held);
            Ok(RunSummary::default())
        }))
    });
    let checks = checks(&[check("hangs", body)], &gate);
    let runtime = runtime();
    let _running = checks
        .start_on(CheckRuntimes::shared(Some(runtime.handle())))
        .unwrap();
    wait_for(&checks, "timed out", || {
        message(&checks, "hangs") == "timed out after 30ms"
    });
    wait_for(&checks, "runs again", || {
        gate.0.runs.load(Ordering::SeqCst) >= 3
    });
    assert!(
        gate.0.dropped.load(Ordering::SeqCst) >= 2,
        "one run at a time"
    );
}

#[test]
fn blocked_threads_fail_the_checks_that_wait() {
    let gate = Gate::default();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let linked = names.map(|name| {
        check(
            name,
            PeriodicBody::Sync(|context| {
                let gate = Gate::from_context(context);
                gate.count();
                gate.wait();
                Ok(RunSummary::default())
            }),
        )
    });
    let checks = checks(&linked, &gate);
    let running = checks.start_on(CheckRuntimes::shared(None)).unwrap();
    let count = |text: &str| {
        let reports = checks.reports(CheckKind::Ready).into_iter();
        reports
            .filter(|report| report.message.as_deref() == Some(text))
            .count()
    };
    wait_for(&checks, "eight hang", || count("timed out after 30ms") == 8);
    wait_for(&checks, "two wait", || {
        count("no thread was free within 30ms") == 2
    });
    assert_eq!(gate.0.runs.load(Ordering::SeqCst), 8);
    gate.open();
    wait_for(&checks, "all recover", || {
        checks.is_healthy(CheckKind::Ready)
    });
    drop(running);
}

#[test]
fn async_check_that_blocks_its_thread_times_out() {
    let gate = Gate::default();
    let body = |context: &RunContext| -> AsyncRun {
        let gate = Gate::from_context(context);
        Ok(Box::pin(async move {
            gate.wait();
            Ok(RunSummary::default())
        }))
    };
    let linked = ["a", "b", "c"].map(|name| check(name, PeriodicBody::Async(body)));
    let checks = checks(&linked, &gate);
    let runtime = runtime();
    let _running = checks
        .start_on(CheckRuntimes::shared(Some(runtime.handle())))
        .unwrap();
    let sorted = || {
        let mut messages = ["a", "b", "c"].map(|name| message(&checks, name));
        messages.sort();
        messages
    };
    let (waits, hangs) = ("no thread was free within 30ms", "timed out after 30ms");
    wait_for(&checks, "two hang and one waits", || {
        sorted() == [waits, hangs, hangs]
    });
    gate.open();
    wait_for(&checks, "all recover", || {
        checks.is_healthy(CheckKind::Ready)
    });
}

/// Live checks that return, and more ready checks that never do than there are threads.
fn with_hanging_ready_checks(
    live: PeriodicBody,
    ready: PeriodicBody,
) -> Vec<HealthCheckDescriptor> {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let mut linked: Vec<_> = names.into_iter().map(|name| check(name, ready)).collect();
    let mut alive = check("alive", live);
    alive.settings = alive.settings.with_kind(CheckKind::Live);
    linked.push(alive);
    linked
}

/// Waits until a live check has run again and again while every thread of the ready checks hangs.
#[track_caller]
fn assert_live_check_runs(checks: &HealthChecks, gate: &Gate) {
    let hangs = || {
        let reports = checks.reports(CheckKind::Ready).into_iter();
        let mut messages = reports.filter_map(|report| report.message);
        messages.any(|message| message == "no thread was free within 30ms")
    };
    wait_for(checks, "no thread is free", hangs);
    let runs = gate.0.runs.load(Ordering::SeqCst);
    wait_for(checks, "the live check runs on", || {
        gate.0.runs.load(Ordering::SeqCst) >= runs + 20
    });
    assert!(hangs(), "the ready checks still hang");
    gate.open();
}

#[test]
fn hanging_ready_checks_delay_no_sync_live_check() {
    let gate = Gate::default();
    let live = PeriodicBody::Sync(|context| {
        Gate::from_context(context).count();
        Ok(RunSummary::default())
    });
    let ready = PeriodicBody::Sync(|context| {
        Gate::from_context(context).wait();
        Ok(RunSummary::default())
    });
    let checks = checks(&with_hanging_ready_checks(live, ready), &gate);
    let _running = checks.start_on(CheckRuntimes::shared(None)).unwrap();
    assert_live_check_runs(&checks, &gate);
}

#[test]
fn blocking_ready_checks_delay_no_async_live_check() {
    let gate = Gate::default();
    let live = PeriodicBody::Async(|context| {
        let gate = Gate::from_context(context);
        Ok(Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            gate.count();
            Ok(RunSummary::default())
        }))
    });
    let ready = PeriodicBody::Async(|context| {
        let gate = Gate::from_context(context);
        Ok(Box::pin(async move {
            gate.wait();
            Ok(RunSummary::default())
        }))
    });
    let checks = checks(&with_hanging_ready_checks(live, ready), &gate);
    assert!(checks.has_async_live_checks());
    let (users, own) = (runtime(), runtime());
    let runtimes = CheckRuntimes::separate(users.handle(), Some(own.handle()));
    let _running = checks.start_on(runtimes).unwrap();
    assert_live_check_runs(&checks, &gate);
}

#[test]
fn checks_start_once_until_they_have_stopped() {
    let gate = Gate::default();
    let body = PeriodicBody::Sync(|context| {
        let gate = Gate::from_context(context);
        gate.count();
        gate.wait();
        Ok(RunSummary::default())
    });
    let checks = checks(&[check("slow", body)], &gate);
    let running = checks.start_on(CheckRuntimes::shared(None)).unwrap();
    wait_for(&checks, "it runs", || {
        gate.0.runs.load(Ordering::SeqCst) == 1
    });
    drop(running);
    let again = checks.start_on(CheckRuntimes::shared(None));
    assert!(
        matches!(again, Err(HealthStartError::AlreadyStarted)),
        "the run has not ended"
    );
    gate.open();
    wait_for(&checks, "it starts again", || {
        checks.start_on(CheckRuntimes::shared(None)).is_ok()
    });
}

#[test]
fn shutting_down_fails_the_ready_probe_only() {
    let checks = checks(&[], &Gate::default());
    assert!(checks.is_healthy(CheckKind::Ready));
    assert!(checks.shut_down());
    assert!(!checks.shut_down(), "only the first call changes anything");
    assert_eq!(message(&checks, "accepting"), "shutting down");
    assert!(checks.is_healthy(CheckKind::Live));
}

#[test]
fn metric_follows_each_check() {
    let gate = Gate::default();
    let linked = [check(
        "disk",
        PeriodicBody::Sync(|_| Err(PeriodicError::new("no disk"))),
    )];
    let checks = checks(&linked, &gate);
    let exporter = PrometheusBuilder::new().build_recorder();
    let shown = |line: &str| {
        metrics::with_local_recorder(&exporter, || checks.record_metrics());
        exporter.handle().render().contains(line)
    };
    let series = |name: &str, kind: &str, value: u8| {
        format!("health_check_healthy{{name=\"{name}\",kind=\"{kind}\",server=\"one\"}} {value}\n")
    };
    assert!(shown(&series("disk", "ready", 0)));
    assert!(shown(&series("accepting", "ready", 1)));
    assert!(shown(&series("periodic-critical", "live", 1)));
    assert!(checks.shut_down());
    assert!(shown(&series("accepting", "ready", 0)));
    assert!(shown("# HELP health_check_healthy "));
}
