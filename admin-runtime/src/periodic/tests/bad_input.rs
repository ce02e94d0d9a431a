//! What users do that they should not.

use super::*;

#[test]
fn names_and_settings_that_cannot_be_used_are_refused_with_a_reason() {
    let bench = Bench::new();
    for (builder, part) in [
        (bench.critical(""), "the name is empty"),
        (bench.critical("a\0b"), "control character"),
        (bench.critical(".."), "clients resolve it"),
        (
            bench.critical("x").interval(Duration::ZERO),
            "the interval is zero",
        ),
        (
            bench.critical("x").interval(Duration::MAX),
            "at most 366 days",
        ),
        (
            bench.critical("x").timeout(Duration::ZERO),
            "the timeout is zero",
        ),
        (bench.critical("x").failures(0), "failures is 0"),
        (
            bench.critical("x").backoff(ms(1)),
            "the backoff 1ms is shorter",
        ),
    ] {
        let error = builder.run(|| ()).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(bench.threads.all().is_empty());
}

#[test]
fn names_with_anything_that_can_be_shown_work() {
    let bench = Bench::new();
    for name in ["a/b", "\"quoted\"", "größe 漢", "a%2Fb", &"x".repeat(255)] {
        let thread = bench.critical(name).run(|| ()).unwrap();
        after_runs(&thread, 1);
        assert_eq!(bench.threads.get(name).unwrap().name(), name);
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("and again");
        }
    }
}

#[test]
fn a_panic_may_carry_anything() {
    let bench = Bench::new();
    let mut run = 0;
    let thread = bench
        .critical("odd")
        .run(move || {
            run += 1;
            match run {
                1 => std::panic::panic_any(7_u8),
                2 => std::panic::panic_any(PanicsWhenDropped),
                _ => {}
            }
        })
        .unwrap();
    for runs in 1..=3 {
        after_runs(&thread, runs);
        bench.advance(ms(100));
    }
    let messages: Vec<_> = thread
        .recent_runs()
        .iter()
        .rev()
        .map(|run| run.message.clone())
        .collect();
    let odd = "panicked: a payload that is no text";
    assert_eq!(&messages[..3], [odd, odd, ""]);
}

#[test]
fn a_body_may_stop_its_own_thread() {
    let bench = Bench::new();
    let own: Arc<Mutex<Option<PeriodicThread>>> = Arc::default();
    let (handle, taken) = (Arc::clone(&own), channel());
    let (sent, received) = taken;
    let thread = bench
        .critical("suicidal")
        .init_wait(ms(1000))
        .run(move || {
            let thread = handle.lock().unwrap().take().unwrap();
            // It cannot have stopped yet, and waiting for itself would take for ever.
            sent.send(thread.stop(Duration::MAX).is_err()).unwrap();
            assert!(thread.stop_requested());
        })
        .unwrap();
    *own.lock().unwrap() = bench.threads.get("suicidal");
    thread.wake().unwrap();
    assert!(received.recv_timeout(PATIENCE).unwrap());
    thread.stop(PATIENCE).unwrap();
    assert_eq!(
        (thread.state(), thread.status().failed_runs),
        (PeriodicState::Stopped, 0)
    );
}

#[test]
fn a_body_that_never_returns_is_stuck_and_holds_up_nothing() {
    let mut bench = Bench::new();
    let (open, body) = gate();
    let stuck = bench.critical("endless").timeout(ms(50)).run(body).unwrap();
    let other = bench.critical("other").run(|| ()).unwrap();
    inside_a_run(&stuck);
    after_runs(&other, 1);
    bench.advance(ms(51));
    assert_eq!(stuck.state(), PeriodicState::Stuck);
    let health = bench.threads.health();
    assert_eq!(
        (health.unhealthy_count, &*health.unhealthy_threads[0].name),
        (1, "endless")
    );
    bench.running.as_mut().unwrap().stop_within(ms(10));
    drop(bench.running.take());
    assert_eq!(
        other.state(),
        PeriodicState::Stopped,
        "the others have stopped"
    );
    assert!(stuck.stop_requested());
    drop(open);
}

#[tokio::test]
async fn an_async_panic_is_a_failed_run_wherever_it_comes_from() {
    let bench = Bench::asleep();
    let mut run = 0;
    let thread = bench
        .critical("async")
        .run_async(move || {
            run += 1;
            let run = run;
            assert_ne!(run, 1, "before the future");
            async move {
                let _held = PanicsWhenDropped;
                tokio::task::yield_now().await;
                assert_ne!(run, 2, "inside the future");
            }
        })
        .unwrap();
    let running = bench.threads.start().unwrap();
    for runs in 1..=3 {
        while thread.status().total_runs < runs {
            tokio::task::yield_now().await;
        }
        bench.advance(ms(100));
    }
    let messages: Vec<_> = thread
        .recent_runs()
        .iter()
        .rev()
        .map(|run| run.message.clone())
        .collect();
    for (message, part) in
        messages
            .iter()
            .zip(["before the future", "inside the future", "and again"])
    {
        assert!(message.contains(part), "{message}");
    }
    thread.request_stop();
    while thread.status().is_running {
        tokio::task::yield_now().await;
    }
    drop(running);
}
