//! What users do that they should not.

use super::*;

#[test]
fn invalid_names_and_settings_are_refused_with_reasons() {
    let fixture = Fixture::new();
    for (builder, part) in [
        (fixture.critical(""), "the name is empty"),
        (fixture.critical("a\0b"), "control character"),
        (fixture.critical(".."), "clients normalise it"),
        (
            fixture.critical("x").interval(Duration::ZERO),
            "the interval is zero",
        ),
        (
            fixture.critical("x").interval(Duration::MAX),
            "at most 366 days",
        ),
        (
            fixture.critical("x").timeout(Duration::ZERO),
            "the timeout is zero",
        ),
        (fixture.critical("x").failures(0), "failures is 0"),
        (
            fixture.critical("x").backoff(ms(1)),
            "the backoff 1ms is shorter",
        ),
    ] {
        let error = builder.run(|| ()).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(fixture.threads.all().is_empty());
}

#[test]
fn names_may_contain_any_printable_text() {
    let fixture = Fixture::new();
    for name in ["a/b", "\"quoted\"", "größe 漢", "a%2Fb", &"x".repeat(255)] {
        let thread = fixture.critical(name).run(|| ()).unwrap();
        after_runs(&thread, 1);
        assert_eq!(fixture.threads.get(name).unwrap().name(), name);
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("panicked in drop");
        }
    }
}

#[test]
fn any_panic_payload_is_a_failed_run() {
    let fixture = Fixture::new();
    let mut run = 0;
    let thread = fixture
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
        fixture.advance(ms(100));
    }
    let messages: Vec<_> = thread
        .recent_runs()
        .iter()
        .rev()
        .map(|run| run.message.clone())
        .collect();
    let odd = "panicked: a payload that is not text";
    assert_eq!(&messages[..3], [odd, odd, ""]);
}

#[test]
fn body_may_stop_its_own_thread() {
    let fixture = Fixture::new();
    let own: Arc<Mutex<Option<PeriodicThread>>> = Arc::default();
    let (handle, taken) = (Arc::clone(&own), channel());
    let (sent, received) = taken;
    let thread = fixture
        .critical("self-stopping")
        .init_wait(ms(1000))
        .run(move || {
            let thread = handle.lock().unwrap().take().unwrap();
            // It cannot have stopped yet, and waiting for itself would never end.
            sent.send(thread.stop(Duration::MAX).is_err()).unwrap();
            assert!(thread.stop_requested());
        })
        .unwrap();
    *own.lock().unwrap() = fixture.threads.get("self-stopping");
    thread.run_now().unwrap();
    assert!(received.recv_timeout(EVENT_TIMEOUT).unwrap());
    thread.stop(EVENT_TIMEOUT).unwrap();
    assert_eq!(
        (thread.state(), thread.status().failed_runs),
        (ThreadState::Stopped, 0)
    );
}

#[test]
fn endless_run_is_stuck_and_delays_nothing() {
    let mut fixture = Fixture::new();
    let (open, body) = gate();
    let stuck = fixture
        .critical("endless")
        .timeout(ms(50))
        .run(body)
        .unwrap();
    let other = fixture.critical("other").run(|| ()).unwrap();
    inside_a_run(&stuck);
    after_runs(&other, 1);
    fixture.advance(ms(51));
    assert_eq!(stuck.state(), ThreadState::Stuck);
    let health = fixture.threads.health();
    assert_eq!(
        (health.unhealthy_count, &*health.unhealthy_threads[0].name),
        (1, "endless")
    );
    fixture
        .running
        .as_mut()
        .unwrap()
        .set_graceful_shutdown_timeout(ms(10));
    drop(fixture.running.take());
    assert_eq!(
        other.state(),
        ThreadState::Stopped,
        "the others have stopped"
    );
    assert!(stuck.stop_requested());
    drop(open);
}

#[tokio::test]
async fn async_panics_anywhere_are_failed_runs() {
    let fixture = Fixture::stopped();
    let mut run = 0;
    let thread = fixture
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
    let running = fixture.threads.start().unwrap();
    for runs in 1..=3 {
        while thread.status().total_runs < runs {
            tokio::task::yield_now().await;
        }
        fixture.advance(ms(100));
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
            .zip(["before the future", "inside the future", "panicked in drop"])
    {
        assert!(message.contains(part), "{message}");
    }
    thread.request_stop();
    while thread.status().is_running {
        tokio::task::yield_now().await;
    }
    drop(running);
}
