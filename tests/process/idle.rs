//! What an idle process costs: wake-ups, as the kernel counts them.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{Case, cases};

pub(crate) fn cases() -> Vec<Case> {
    // Threads wait for each other longer on a busy machine, and wake up more often.
    cases![an_idle_process_sleeps]
        .into_iter()
        .map(Case::alone)
        .collect()
}

/// How long is counted.
const WINDOW: Duration = Duration::from_secs(12);

/// Voluntary context switches of every thread but this one, by thread id, with its name.
fn switches() -> HashMap<String, (String, u64)> {
    let own = fs::read_link("/proc/thread-self").unwrap();
    let own = own.file_name().unwrap().to_str().unwrap().to_owned();
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let read = tasks.filter_map(|task| {
        let path = task.ok()?.path();
        let tid = path.file_name()?.to_str()?.to_owned();
        let name = fs::read_to_string(path.join("comm"))
            .ok()?
            .trim_end()
            .to_owned();
        let status = fs::read_to_string(path.join("status")).ok()?;
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        Some((tid, (name, count.trim().parse().ok()?)))
    });
    read.filter(|(tid, _)| *tid != own).collect()
}

/// Wake-ups within the window, by name of the thread. This thread sleeps.
fn wake_ups(window: Duration) -> HashMap<String, u64> {
    let before = switches();
    let until = Instant::now() + window;
    // Time itself is what is measured here: there is no event to wait for.
    std::thread::sleep(until.saturating_duration_since(Instant::now()));
    let mut woken = HashMap::new();
    for (tid, (name, count)) in switches() {
        let earlier = before.get(&tid).map_or(0, |(_, count)| *count);
        *woken.entry(name).or_default() += count - earlier;
    }
    woken
}

fn started(name: &str) -> RunningServer {
    AdminServer::builder()
        .name(name)
        .periodic(false)
        .bind("127.0.0.1:0")
        .start()
        .unwrap()
}

fn settled(server: &RunningServer) {
    for thread in server.periodic_threads().all() {
        assert!(thread.wait_until(Duration::from_secs(20), |status| status.total_runs > 0));
    }
}

fn an_idle_process_sleeps() {
    let server = started("quiet");
    // The first moments of runtimes and sockets are not idle.
    drop(wake_ups(Duration::from_millis(300)));
    let woken = wake_ups(Duration::from_secs(3));
    assert_eq!(
        woken.values().sum::<u64>(),
        0,
        "without periodic threads: {woken:?}"
    );
    drop(server);

    let server = started("periodic");
    let interval = Duration::from_secs(10);
    let threads: Vec<_> = (0..100)
        .map(|number| {
            let thread = server.periodic_threads().builder(format!("p{number}"));
            thread.interval(interval).run(|| ()).unwrap()
        })
        .collect();
    settled(&server);
    let runs = || {
        threads
            .iter()
            .map(|thread| thread.status().total_runs)
            .sum::<u64>()
    };
    let runs_before = runs();
    let woken = wake_ups(WINDOW);
    let ran = runs() - runs_before;
    let is_theirs = |name: &str| {
        name.strip_prefix('p')
            .is_some_and(|n| n.parse::<u8>().is_ok())
    };
    let theirs: u64 = woken
        .iter()
        .filter(|(name, _)| is_theirs(name))
        .map(|(_, n)| n)
        .sum();
    let others: u64 = woken
        .iter()
        .filter(|(name, _)| !is_theirs(name))
        .map(|(_, n)| n)
        .sum();
    println!("{ran} runs, {theirs} wake-ups of their threads, {others} of others: {woken:?}");
    assert!(ran >= 100, "{ran} runs");
    assert!(
        others <= WINDOW.as_secs(),
        "{others} wake-ups besides theirs: {woken:?}"
    );
    // One a run, and what it may wait for a lock when all wake at once.
    assert!(theirs <= 3 * ran, "{theirs} wake-ups for {ran} runs");
}
