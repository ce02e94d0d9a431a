//! Wake, pause, resume, stop, start again.

use super::super::life::Phase;
use super::*;

#[test]
fn run_now_during_a_run_adds_one_run() {
    let fixture = Fixture::new();
    let (open, body) = gate();
    let thread = fixture.critical("woken").run(body).unwrap();
    inside_a_run(&thread);
    thread.run_now().unwrap();
    thread.run_now().unwrap();
    open.send(()).unwrap();
    open.send(()).unwrap();
    after_runs(&thread, 2);
    assert_eq!(
        thread.state(),
        ThreadState::Waiting,
        "two requests are one run"
    );
    drop(open);
}

#[test]
fn paused_critical_thread_is_unhealthy_until_resumed() {
    let fixture = Fixture::new();
    let thread = fixture.critical("paused").run(|| ()).unwrap();
    after_runs(&thread, 1);
    thread.pause().unwrap();
    fixture.advance(ms(60_000));
    assert_eq!(thread.state(), ThreadState::Paused);
    assert_eq!(thread.status().total_runs, 1);
    assert!(thread.status().is_running && !fixture.threads.health().healthy);
    thread.resume().unwrap();
    after_runs(&thread, 2);
    assert!(fixture.threads.health().healthy);
}

#[test]
fn stop_ends_the_initial_wait_at_once() {
    let fixture = Fixture::new();
    let thread = fixture
        .critical("patient")
        .init_wait(ms(3_600_000))
        .run(|| ())
        .unwrap();
    assert!(
        thread.state().is_active(),
        "waiting for the first run is not a fault"
    );
    thread.stop(EVENT_TIMEOUT).unwrap();
    assert_eq!(
        (thread.state(), thread.status().total_runs),
        (ThreadState::Stopped, 0)
    );
    let refused = thread.run_now().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Thread is not running: patient (stopped)"
    );
    assert!(thread.pause().is_err() && thread.resume().is_err());
}

#[test]
fn restarted_dead_thread_keeps_its_counters() {
    let fixture = Fixture::new();
    let mut fatal = true;
    let thread = fixture
        .critical("restarted")
        .run(move || {
            if std::mem::take(&mut fatal) {
                return Err(PeriodicError::fatal("gone"));
            }
            Ok(())
        })
        .unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.state == ThreadState::Dead));
    thread.start().unwrap();
    after_runs(&thread, 2);
    let status = thread.status();
    assert!(fixture.threads.health().healthy);
    assert_eq!((status.failed_runs, status.consecutive_failures), (1, 0));
    assert_eq!(status.success_rate, Some(50.0));
    let outcomes: Vec<_> = thread.recent_runs().iter().map(|run| run.success).collect();
    assert_eq!(outcomes, [true, false], "newest first");
}

#[test]
fn concurrent_restarts_leave_one_loop() {
    let fixture = Fixture::new();
    let inside = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&inside);
    let thread = fixture
        .critical("storm")
        .run(move || {
            assert_eq!(seen.fetch_add(1, Ordering::SeqCst), 0, "two runs at once");
            seen.fetch_sub(1, Ordering::SeqCst);
        })
        .unwrap();
    let thread = &thread;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for _ in 0..100 {
                    thread.request_stop();
                    // Refused while the old loop exists.
                    drop(thread.start());
                    drop(thread.run_now());
                }
            });
        }
    });
    thread.stop(EVENT_TIMEOUT).unwrap();
    assert_eq!(thread.status().failed_runs, 0, "no run saw another");
    thread.start().unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.state == ThreadState::Waiting));
}

#[test]
fn failing_thread_backs_off() {
    let fixture = Fixture::new();
    let thread = fixture
        .critical("far")
        .failures(2)
        .backoff(ms(400))
        .run(|| Err::<(), _>("down"))
        .unwrap();
    let delays: Vec<_> = (1..=5)
        .map(|runs| {
            after_runs(&thread, runs);
            let Phase::Waiting { due } = thread.thread().lock().life.phase() else {
                panic!("{thread:?}");
            };
            let delay = due - thread.thread().now();
            fixture.advance(delay);
            delay
        })
        .collect();
    assert_eq!(
        delays,
        [100, 200, 400, 400, 400].map(ms),
        "from the second failure on"
    );
}

#[test]
fn wait_condition_may_use_the_thread() {
    let fixture = Fixture::new();
    let (open, body) = gate();
    let thread = fixture.critical("asked").run(body).unwrap();
    inside_a_run(&thread);
    let held = thread.wait_until(EVENT_TIMEOUT, |_| {
        open.send(()).unwrap(); // what it waits for, done while it is asked
        thread.status().total_runs > 0 && thread.state() == ThreadState::Waiting
    });
    assert!(held);
    drop(open);
}
