//! Threads that are known only at run time, and several sets in one process.

use super::*;

#[test]
fn a_thread_joins_and_leaves_when_dropped() {
    let bench = Bench::new();
    let thread = bench.critical("replica").run(|| ()).unwrap();
    after_runs(&thread, 1);
    assert_eq!(bench.threads.all().len(), 1);
    let taken = bench.critical("replica").run(|| ()).unwrap_err();
    assert!(
        taken
            .to_string()
            .contains("\"replica\": choose another name"),
        "{taken}"
    );
    drop(thread);
    assert!(bench.threads.get("replica").is_none());
    let again = bench.critical("replica").run(|| ()).unwrap();
    after_runs(&again, 1);
}

#[test]
fn a_busy_thread_keeps_its_name_until_its_run_has_ended() {
    let bench = Bench::new();
    let (open, body) = gate();
    let thread = bench.critical("replica").run(body).unwrap();
    inside_a_run(&thread);
    let watched = bench.threads.get("replica").unwrap();
    drop(thread);
    assert_eq!(watched.state(), PeriodicState::Stopping);
    assert!(
        bench.critical("replica").run(|| ()).is_err(),
        "the name is still taken"
    );
    open.send(()).unwrap();
    watched.stop(PATIENCE).unwrap();
    assert!(bench.threads.get("replica").is_none());
    drop(bench.critical("replica").run(|| ()).unwrap());
}

#[test]
fn a_set_runs_once_and_stops_when_its_guard_is_dropped() {
    let mut bench = Bench::new();
    let thread = bench.critical("member").run(|| ()).unwrap();
    assert!(matches!(
        bench.threads.start(),
        Err(PeriodicStartError::AlreadyStarted)
    ));
    drop(bench.running.take());
    assert_eq!(thread.state(), PeriodicState::Stopped);
    let error = thread.start().unwrap_err().to_string();
    assert!(
        error.contains("does not run its periodic threads"),
        "{error}"
    );
    bench.running = Some(bench.threads.start().unwrap());
    after_runs(&thread, 2);
}

#[test]
fn two_live_sets_need_two_names_and_empty_sets_need_none() {
    let set = |name: &str| {
        let clock = Clock::Manual(Mutex::new((Duration::ZERO, UNIX_EPOCH)));
        let set = Set::new(Some(name.to_owned()), clock, &[], &Arc::default());
        PeriodicThreads(set)
    };
    let (one, two) = (set("the same name"), set("the same name"));
    let (running, also_running) = (one.start().unwrap(), two.start().unwrap());
    let first = one.builder("t").run(|| ()).unwrap();
    let refused = two.builder("t").run(|| ()).unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("\"the same name\"") && text.contains(".name("),
        "{text}"
    );
    assert!(two.all().is_empty(), "what cannot start does not join");
    drop((first, running));
    drop(two.builder("t").run(|| ()).unwrap());
    drop(also_running);
}

#[tokio::test]
async fn an_async_body_runs_as_a_task_and_ends_with_it() {
    let bench = Bench::asleep();
    let (sent, mut received) = tokio::sync::mpsc::unbounded_channel();
    let thread = bench
        .critical("async")
        .run_async(move || {
            let sent = sent.clone();
            async move {
                sent.send(tokio::task::id()).unwrap();
                Ok::<_, PeriodicError>(RunSummary::new("sent"))
            }
        })
        .unwrap();
    let running = bench.threads.start().unwrap();
    let first = received.recv().await.unwrap();
    tokio::task::yield_now().await;
    bench.advance(ms(100));
    assert_eq!(
        received.recv().await.unwrap(),
        first,
        "one task for all runs"
    );
    thread.request_stop();
    while thread.state() != PeriodicState::Stopped {
        tokio::task::yield_now().await;
    }
    assert_eq!(thread.status().last_summary.unwrap().message, "sent");
    drop(running);
}

#[test]
fn an_async_body_needs_a_runtime() {
    let bench = Bench::new();
    let error = bench
        .critical("homeless")
        .run_async(|| async {})
        .unwrap_err();
    assert!(error.to_string().contains("no tokio runtime"), "{error}");
    assert!(bench.threads.all().is_empty());
}

#[test]
fn a_task_that_vanishes_with_its_runtime_is_dead() {
    let bench = Bench::asleep();
    let thread = bench
        .critical("async")
        .run_async(std::future::pending::<()>)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let guard = runtime.enter();
    let running = bench.threads.start().unwrap();
    drop(guard);
    inside_a_run(&thread);
    runtime.shutdown_timeout(PATIENCE);
    assert_eq!(thread.state(), PeriodicState::Dead);
    assert!(!bench.threads.health().healthy);
    drop(running);
}
