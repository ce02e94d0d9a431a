//! A directory of 1,000 instances that answer and 50 that hang.
//!
//! `cargo bench -p admin-tests --bench fleet` starts a directory in a process of its own and prints how
//! long `/fleet/targets` and `/fleet/health` take, what 1,000 announcements in ten seconds cost the directory,
//! the median of five times, and how much memory it takes. Then ten random instances restart in each second of a minute
//! (`FLEET_SECONDS`), and the list is compared with what it should be after each.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

mod directory_process;
mod instances;
mod restarts;

use std::env;
use std::time::{Duration, Instant};

use admin_tests::median;

use directory_process::DirectoryProcess;
use instances::{Announced, HANGING, SimulatedInstances};

/// Requests for the targets.
const TARGET_REQUESTS: usize = 50;

/// Requests for the health of all.
const HEALTH_REQUESTS: usize = 3;

/// The time in which all instances announce themselves once.
const INTERVAL: Duration = Duration::from_secs(10);

/// How often the cost is measured, since other programs change it: the median counts.
const COST_ROUNDS: usize = 5;

/// How long instances restart.
const DEFAULT_RESTART_SECONDS: u64 = 60;

fn main() {
    if env::args().any(|argument| argument == directory_process::ARGUMENT) {
        return directory_process::serve();
    }
    let instances = SimulatedInstances::start();
    let directory = DirectoryProcess::start();
    let memory_before = directory.resident_bytes();
    let mut announced = instances.announced();
    for one in &announced {
        directory.announce(one);
    }

    let targets = targets_time(&directory, announced.len());
    for one in instances.hanging() {
        directory.announce(&one);
    }
    let health = health_time(&directory, announced.len());
    for one in instances.hanging() {
        directory.remove(&one);
    }
    let (mut cpu_percents, mut least_percents) = (Vec::new(), Vec::new());
    for _ in 0..COST_ROUNDS {
        cpu_percents.push(cost(&directory, &announced, |one| directory.announce(one)));
        least_percents.push(cost(&directory, &announced, |_| {
            assert_eq!(directory.send("GET", "/unknown", "").0, 404);
        }));
    }
    let (cpu_percent, least_percent) = (median(cpu_percents), median(least_percents));
    let seconds = env::var("FLEET_SECONDS").ok();
    let seconds = seconds.map_or(DEFAULT_RESTART_SECONDS, |text| text.parse().unwrap());
    let restarted = restarts::run(&directory, &mut announced, Duration::from_secs(seconds));
    println!(
        "{} restarts in {seconds} s, {} of them after a kill; {} lists were compared",
        restarted.restarts, restarted.kills, restarted.lists
    );
    let grown = directory
        .highest_resident_bytes()
        .saturating_sub(memory_before);

    println!("requests for an unknown path cost {least_percent:.2} percent at the same rate");
    println!("targets_ms: {:.2}", targets.as_secs_f64() * 1e3);
    println!("health_s: {:.2}", health.as_secs_f64());
    println!("announcements_cpu_percent: {cpu_percent:.2}");
    println!("memory_mb: {:.1}", grown as f64 / 1e6);
    println!("lost_or_doubled: {}", restarted.lost_or_doubled);
}

/// The slowest of some requests for the targets.
fn targets_time(directory: &DirectoryProcess, count: usize) -> Duration {
    let times = (0..TARGET_REQUESTS).map(|_| {
        let began = Instant::now();
        let body = directory.get("/fleet/targets");
        let time = began.elapsed();
        assert_eq!(body.matches("\"targets\"").count(), count);
        time
    });
    times.max().unwrap()
}

/// The slowest of some requests for the health of all.
fn health_time(directory: &DirectoryProcess, answering: usize) -> Duration {
    let times = (0..HEALTH_REQUESTS).map(|_| {
        let began = Instant::now();
        let body = directory.get("/fleet/health");
        let time = began.elapsed();
        let counts = format!("\"ready\":{answering},\"not_ready\":0,\"unreachable\":{HANGING}");
        assert!(body.contains(&counts), "{}", &body[body.len() - 200..]);
        time
    });
    times.max().unwrap()
}

/// The share of one core that the directory uses while there is one request for each instance.
fn cost(directory: &DirectoryProcess, announced: &[Announced], send: impl Fn(&Announced)) -> f64 {
    let (began, cpu_before) = (Instant::now(), directory.cpu_time());
    let step = INTERVAL / u32::try_from(announced.len()).unwrap();
    for (one, number) in announced.iter().zip(0..) {
        std::thread::sleep((step * number).saturating_sub(began.elapsed()));
        send(one);
    }
    let used = directory.cpu_time() - cpu_before;
    used.as_secs_f64() / began.elapsed().as_secs_f64() * 1e2
}
