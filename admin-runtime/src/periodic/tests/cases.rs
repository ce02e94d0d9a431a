//! The seven cases in which the original reports the wrong health.

use super::*;

#[test]
fn thread_with_a_fatal_error_is_unhealthy() {
    let fixture = Fixture::new();
    let thread = fixture
        .critical("heartbeat")
        .run(|| Err::<(), _>(PeriodicError::fatal("the peer has shut down")))
        .unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.state == ThreadState::Dead));
    let status = thread.status();
    assert!(!status.is_running && !status.is_active);
    assert_eq!(
        status.last_summary.unwrap().message,
        "the peer has shut down"
    );
    let health = fixture.threads.health();
    assert_eq!((health.healthy, health.unhealthy_count), (false, 1));
    assert_eq!(&*health.unhealthy_threads[0].name, "heartbeat");
}

#[test]
fn thread_is_unhealthy_after_three_failures() {
    let fixture = Fixture::new();
    let thread = fixture
        .critical("heartbeat")
        .run(|| Err::<(), _>("no answer"))
        .unwrap();
    for runs in 1..=3 {
        after_runs(&thread, runs);
        assert_eq!(
            fixture.threads.health().healthy,
            runs < 3,
            "after {runs} failures"
        );
        fixture.advance(ms(100));
    }
    let status = thread.status();
    assert_eq!(status.state, ThreadState::Failing);
    assert!(status.is_running && !status.is_active);
}

#[test]
fn run_is_healthy_until_its_timeout() {
    let fixture = Fixture::new();
    let (open, body) = gate();
    let thread = fixture.critical("slow").run(body).unwrap();
    inside_a_run(&thread);
    for (at, healthy) in [(1_000, true), (29_000, true), (1, false)] {
        fixture.advance(ms(at));
        assert_eq!(
            fixture.threads.health().healthy,
            healthy,
            "{at} ms later: {thread:?}"
        );
    }
    assert_eq!(thread.state(), ThreadState::Stuck);
    open.send(()).unwrap();
    after_runs(&thread, 1);
    assert!(fixture.threads.health().healthy, "the run has ended");
    drop(open);
}

#[test]
fn busy_thread_cannot_be_started_twice() {
    let fixture = Fixture::new();
    let (open, mut body) = gate();
    let inside = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&inside);
    let thread = fixture
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
    assert_eq!(thread.state(), ThreadState::Stopping);
    let refused = thread.start().unwrap_err().to_string();
    assert!(refused.contains("\"busy\" is stopping"), "{refused}");
    open.send(()).unwrap();
    thread.stop(EVENT_TIMEOUT).unwrap();
    assert_eq!(thread.state(), ThreadState::Stopped);
    thread.start().unwrap();
    inside_a_run(&thread);
    drop(open);
}

#[test]
fn thread_continues_after_a_panic() {
    let fixture = Fixture::new();
    let mut panics = true;
    let thread = fixture
        .critical("panicking")
        .run(move || {
            if std::mem::take(&mut panics) {
                panic!("code {}", 7);
            }
        })
        .unwrap();
    after_runs(&thread, 1);
    let run = thread.status().last_summary.unwrap();
    assert_eq!((run.success, &*run.message), (false, "panicked: code 7"));
    assert!(
        fixture.threads.health().healthy,
        "one failure is not a fault"
    );
    fixture.advance(ms(100));
    after_runs(&thread, 2);
    assert!(thread.status().last_summary.unwrap().success);
}

#[test]
fn thread_never_started_is_unhealthy() {
    let fixture = Fixture::stopped();
    let thread = fixture.critical("forgotten").run(|| ()).unwrap();
    assert_eq!(thread.state(), ThreadState::Stopped);
    let status = thread.status();
    assert!(!status.is_running && !status.is_active && status.last_run_ago.is_none());
    assert!(!fixture.threads.health().healthy);
}

#[test]
fn wall_clock_does_not_affect_health() {
    let fixture = Fixture::new();
    let day = Duration::from_secs(86_400);
    fixture.clock.set_wall(UNIX_EPOCH + 20_000 * day);
    let thread = fixture.critical("heartbeat").run(|| ()).unwrap();
    after_runs(&thread, 1);
    for days in [40_000, 1] {
        fixture.clock.set_wall(UNIX_EPOCH + days * day);
        assert!(thread.state().is_active(), "set to day {days}");
        assert_eq!(thread.status().last_run_ago, Some(Duration::ZERO));
    }
    fixture.advance(ms(100));
    after_runs(&thread, 2);
    assert_eq!(
        thread.status().last_run_time,
        Some(UNIX_EPOCH + day + ms(100)),
        "the wall clock is shown as set"
    );
    assert!(thread.state().is_active());
}
