//! Threads that are known only at run time, and several sets in one process.

use super::*;

#[test]
fn thread_joins_and_leaves_when_dropped() {
    let fixture = Fixture::new();
    let thread = fixture.critical("replica").run(|| ()).unwrap();
    after_runs(&thread, 1);
    assert_eq!(fixture.threads.all().len(), 1);
    let taken = fixture.critical("replica").run(|| ()).unwrap_err();
    assert!(
        taken
            .to_string()
            .contains("\"replica\": choose another name"),
        "{taken}"
    );
    drop(thread);
    assert!(fixture.threads.get("replica").is_none());
    let again = fixture.critical("replica").run(|| ()).unwrap();
    after_runs(&again, 1);
}

#[test]
fn a_busy_thread_keeps_its_name() {
    let fixture = Fixture::new();
    let (open, body) = gate();
    let thread = fixture.critical("replica").run(body).unwrap();
    inside_a_run(&thread);
    let watched = fixture.threads.get("replica").unwrap();
    drop(thread);
    assert_eq!(watched.state(), ThreadState::Stopping);
    assert!(
        fixture.critical("replica").run(|| ()).is_err(),
        "the name is still taken"
    );
    open.send(()).unwrap();
    watched.stop(EVENT_TIMEOUT).unwrap();
    assert!(fixture.threads.get("replica").is_none());
    drop(fixture.critical("replica").run(|| ()).unwrap());
}

#[test]
fn set_runs_once_and_stops_with_its_guard() {
    let mut fixture = Fixture::new();
    let thread = fixture.critical("member").run(|| ()).unwrap();
    assert!(matches!(
        fixture.threads.start(),
        Err(PeriodicStartError::AlreadyStarted)
    ));
    after_runs(&thread, 1);
    drop(fixture.running.take());
    assert_eq!(thread.state(), ThreadState::Stopped);
    let error = thread.start().unwrap_err().to_string();
    assert!(
        error.contains("does not run its periodic threads"),
        "{error}"
    );
    fixture.running = Some(fixture.threads.start().unwrap());
    after_runs(&thread, 2);
}

#[test]
fn running_sets_need_different_names_unless_empty() {
    let set = |name: &str| PeriodicThreads::with_clock(Some(name.to_owned()), Clock::system());
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
async fn async_body_runs_as_one_task() {
    let fixture = Fixture::stopped();
    let (sent, mut received) = tokio::sync::mpsc::unbounded_channel();
    let thread = fixture
        .critical("async")
        .run_async(move || {
            let sent = sent.clone();
            async move {
                sent.send(tokio::task::id()).unwrap();
                Ok::<_, PeriodicError>(RunSummary::new("sent"))
            }
        })
        .unwrap();
    let running = fixture.threads.start().unwrap();
    let first = received.recv().await.unwrap();
    tokio::task::yield_now().await;
    fixture.advance(ms(100));
    assert_eq!(
        received.recv().await.unwrap(),
        first,
        "one task for all runs"
    );
    thread.request_stop();
    while thread.state() != ThreadState::Stopped {
        tokio::task::yield_now().await;
    }
    assert_eq!(thread.status().last_summary.unwrap().message, "sent");
    drop(running);
}

#[test]
fn async_body_needs_a_runtime() {
    let fixture = Fixture::new();
    let error = fixture
        .critical("async")
        .run_async(|| async {})
        .unwrap_err();
    assert!(error.to_string().contains("no tokio runtime"), "{error}");
    assert!(fixture.threads.all().is_empty());
}

#[test]
fn thread_whose_runtime_shut_down_is_dead() {
    let fixture = Fixture::stopped();
    let thread = fixture
        .critical("async")
        .run_async(std::future::pending::<()>)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let guard = runtime.enter();
    let running = fixture.threads.start().unwrap();
    drop(guard);
    inside_a_run(&thread);
    runtime.shutdown_timeout(EVENT_TIMEOUT);
    assert_eq!(thread.state(), ThreadState::Dead);
    assert!(!fixture.threads.health().healthy);
    drop(running);
}
