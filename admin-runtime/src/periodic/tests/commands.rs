//! Wake, pause, resume, stop, start again.

use super::super::life::Phase;
use super::*;

#[test]
fn a_wake_during_a_run_is_one_more_run_right_after() {
    let bench = Bench::new();
    let (open, body) = gate();
    let thread = bench.critical("woken").run(body).unwrap();
    inside_a_run(&thread);
    thread.wake().unwrap();
    thread.wake().unwrap();
    open.send(()).unwrap();
    open.send(()).unwrap();
    after_runs(&thread, 2);
    assert_eq!(
        thread.state(),
        PeriodicState::Waiting,
        "two wakes are one run"
    );
    drop(open);
}

#[test]
fn a_pause_is_unhealthy_for_a_critical_thread_until_it_is_resumed() {
    let bench = Bench::new();
    let thread = bench.critical("paused").run(|| ()).unwrap();
    after_runs(&thread, 1);
    thread.pause().unwrap();
    bench.advance(ms(60_000));
    assert_eq!(thread.state(), PeriodicState::Paused);
    assert_eq!(thread.status().total_runs, 1);
    assert!(thread.status().is_running && !bench.threads.health().healthy);
    thread.resume().unwrap();
    after_runs(&thread, 2);
    assert!(bench.threads.health().healthy);
}

#[test]
fn a_stop_breaks_the_first_wait_at_once() {
    let bench = Bench::new();
    let thread = bench
        .critical("patient")
        .init_wait(ms(3_600_000))
        .run(|| ())
        .unwrap();
    assert!(
        thread.state().is_active(),
        "waiting for the first run is no fault"
    );
    thread.stop(PATIENCE).unwrap();
    assert_eq!(
        (thread.state(), thread.status().total_runs),
        (PeriodicState::Stopped, 0)
    );
    let refused = thread.wake().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Thread is not running: patient (stopped)"
    );
    assert!(thread.pause().is_err() && thread.resume().is_err());
}

#[test]
fn a_dead_thread_starts_again_with_its_counters() {
    let bench = Bench::new();
    let mut fatal = true;
    let thread = bench
        .critical("lazarus")
        .run(move || match std::mem::take(&mut fatal) {
            true => Err(PeriodicError::irrecoverable("gone")),
            false => Ok(()),
        })
        .unwrap();
    assert!(thread.wait_until(PATIENCE, |status| status.state == PeriodicState::Dead));
    thread.start().unwrap();
    after_runs(&thread, 2);
    let status = thread.status();
    assert!(bench.threads.health().healthy);
    assert_eq!((status.failed_runs, status.consecutive_failures), (1, 0));
    assert_eq!(status.success_rate, Some(50.0));
    let outcomes: Vec<_> = thread.recent_runs().iter().map(|run| run.success).collect();
    assert_eq!(outcomes, [true, false], "newest first");
}

#[test]
fn a_storm_of_restarts_leaves_one_loop() {
    let bench = Bench::new();
    let inside = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&inside);
    let thread = bench
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
                    // Refused while the old loop exists: that is the point.
                    drop(thread.start());
                    drop(thread.wake());
                }
            });
        }
    });
    thread.stop(PATIENCE).unwrap();
    assert_eq!(thread.status().failed_runs, 0, "no run saw another");
    thread.start().unwrap();
    assert!(thread.wait_until(PATIENCE, |status| status.state == PeriodicState::Waiting));
}

#[test]
fn a_thread_backs_off_when_it_counts_as_failing() {
    let bench = Bench::new();
    let thread = bench
        .critical("far")
        .failures(2)
        .backoff(ms(400))
        .run(|| Err::<(), _>("down"))
        .unwrap();
    let delays: Vec<_> = (1..=5)
        .map(|runs| {
            after_runs(&thread, runs);
            let Phase::Waiting { due } = thread.0.lock().life.phase() else {
                panic!("{thread:?}");
            };
            let delay = due - thread.0.clock.now();
            bench.advance(delay);
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
fn a_condition_may_use_the_thread_itself() {
    let bench = Bench::new();
    let (open, body) = gate();
    let thread = bench.critical("asked").run(body).unwrap();
    inside_a_run(&thread);
    let held = thread.wait_until(PATIENCE, |_| {
        open.send(()).unwrap(); // what it waits for, done while it is asked
        thread.status().total_runs > 0 && thread.state() == PeriodicState::Waiting
    });
    assert!(held);
    drop(open);
}
