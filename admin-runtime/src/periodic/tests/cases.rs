//! The seven cases in which the original's health lies.

use super::*;

#[test]
fn a_thread_that_died_of_an_irrecoverable_error_is_unhealthy() {
    let bench = Bench::new();
    let thread = bench
        .critical("heartbeat")
        .run(|| Err::<(), _>(PeriodicError::irrecoverable("the peer left for good")))
        .unwrap();
    assert!(thread.wait_until(PATIENCE, |status| status.state == PeriodicState::Dead));
    let status = thread.status();
    assert!(!status.is_running && !status.is_active);
    assert_eq!(
        status.last_summary.unwrap().message,
        "the peer left for good"
    );
    let health = bench.threads.health();
    assert_eq!((health.healthy, health.unhealthy_count), (false, 1));
    assert_eq!(&*health.unhealthy_threads[0].name, "heartbeat");
}

#[test]
fn a_thread_that_fails_every_run_is_unhealthy_after_the_third() {
    let bench = Bench::new();
    let thread = bench
        .critical("heartbeat")
        .run(|| Err::<(), _>("no answer"))
        .unwrap();
    for runs in 1..=3 {
        after_runs(&thread, runs);
        assert_eq!(
            bench.threads.health().healthy,
            runs < 3,
            "after {runs} failures"
        );
        bench.advance(ms(100));
    }
    let status = thread.status();
    assert_eq!(status.state, PeriodicState::Failing);
    assert!(status.is_running && !status.is_active);
}

#[test]
fn a_run_that_is_young_is_healthy_however_short_the_interval() {
    let bench = Bench::new();
    let (open, body) = gate();
    let thread = bench.critical("slow").run(body).unwrap();
    inside_a_run(&thread);
    for (at, healthy) in [(1_000, true), (29_000, true), (1, false)] {
        bench.advance(ms(at));
        assert_eq!(
            bench.threads.health().healthy,
            healthy,
            "{at} ms later: {thread:?}"
        );
    }
    assert_eq!(thread.state(), PeriodicState::Stuck);
    open.send(()).unwrap();
    after_runs(&thread, 1);
    assert!(bench.threads.health().healthy, "the run has ended");
    drop(open);
}

#[test]
fn a_busy_thread_refuses_to_be_started_beside_itself() {
    let bench = Bench::new();
    let (open, mut body) = gate();
    let inside = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&inside);
    let thread = bench
        .critical("busy")
        .run(move || {
            assert_eq!(seen.fetch_add(1, Ordering::SeqCst), 0, "two runs at once");
            body();
            seen.fetch_sub(1, Ordering::SeqCst);
        })
        .unwrap();
    inside_a_run(&thread);
    let error = thread.stop(ms(1)).unwrap_err();
    assert_eq!(error.thread, "busy");
    assert_eq!(thread.state(), PeriodicState::Stopping);
    let refused = thread.start().unwrap_err().to_string();
    assert!(refused.contains("\"busy\" is stopping"), "{refused}");
    open.send(()).unwrap();
    thread.stop(PATIENCE).unwrap();
    assert_eq!(thread.state(), PeriodicState::Stopped);
    thread.start().unwrap();
    inside_a_run(&thread);
    drop(open);
}

#[test]
fn a_panic_is_a_failed_run_and_the_thread_goes_on() {
    let bench = Bench::new();
    let mut panics = true;
    let thread = bench
        .critical("clumsy")
        .run(move || {
            if std::mem::take(&mut panics) {
                panic!("slipped on {}", "ice");
            }
        })
        .unwrap();
    after_runs(&thread, 1);
    let run = thread.status().last_summary.unwrap();
    assert_eq!(
        (run.success, &*run.message),
        (false, "panicked: slipped on ice")
    );
    assert!(bench.threads.health().healthy, "one failure is none");
    bench.advance(ms(100));
    after_runs(&thread, 2);
    assert!(thread.status().last_summary.unwrap().success);
}

#[test]
fn a_thread_that_was_never_started_is_unhealthy() {
    let bench = Bench::asleep();
    let thread = bench.critical("forgotten").run(|| ()).unwrap();
    assert_eq!(thread.state(), PeriodicState::Stopped);
    let status = thread.status();
    assert!(!status.is_running && !status.is_active && status.last_run_ago.is_none());
    assert!(!bench.threads.health().healthy);
}

#[test]
fn the_wall_clock_is_only_shown() {
    let bench = Bench::new();
    let day = Duration::from_secs(86_400);
    bench.set_wall(UNIX_EPOCH + 20_000 * day);
    let thread = bench.critical("heartbeat").run(|| ()).unwrap();
    after_runs(&thread, 1);
    for days in [40_000, 1] {
        bench.set_wall(UNIX_EPOCH + days * day);
        assert!(thread.state().is_active(), "set to day {days}");
        assert_eq!(thread.status().last_run_ago, Some(Duration::ZERO));
    }
    bench.advance(ms(100));
    after_runs(&thread, 2);
    assert_eq!(
        thread.status().last_run_time,
        Some(UNIX_EPOCH + day),
        "shown as it was set"
    );
    assert!(thread.state().is_active());
}
