//! Threads with small stacks, many threads, and dumps at the same time.

use std::thread::{Builder, park};

use admin_tests::{Case, ask, cases};

use super::{assert_alive, burn_in_known_function, has_known_function, lines, notes, started};

pub(crate) fn cases() -> Vec<Case> {
    let mut all = cases![small_stacks, beside_dumps, dumps_are_sampled];
    // A container may permit no more threads than these.
    all.extend(cases![many_threads].into_iter().map(Case::alone));
    all
}

fn small_stacks() {
    for number in 0..4 {
        let builder = Builder::new().name(format!("small-{number}"));
        let builder = builder.stack_size(64 * 1024);
        builder.spawn(burn_in_known_function).unwrap();
    }
    let server = started();
    let found = lines(
        server.local_addr(),
        "/debug/pprof/profile?seconds=1&frequency=1000&name=small&format=collapsed",
    );
    assert!(has_known_function(&found), "{found:?}");
    assert_alive(server.local_addr());
}

fn many_threads() {
    const COUNT: usize = 10_000;

    let parked = || -> ! {
        loop {
            park();
        }
    };
    let mut started_threads = 0;
    for _ in 0..COUNT {
        let builder = Builder::new().name("parked".to_owned());
        // A container may not permit so many.
        started_threads += usize::from(builder.stack_size(64 * 1024).spawn(parked).is_ok());
    }
    assert!(started_threads > 100, "{started_threads} threads");
    let busy = Builder::new().name("busy".to_owned());
    busy.spawn(burn_in_known_function).unwrap();
    let server = started();
    let at = server.local_addr();
    let found = lines(at, "/debug/pprof/profile?seconds=2&format=collapsed");
    assert!(has_known_function(&found), "{found:?}");
    let found = lines(at, "/debug/fgprof?seconds=2&format=collapsed&name=parked");
    let seen: u64 = found.iter().map(|(_, count)| count).sum();
    assert!(seen > started_threads as u64, "{seen} samples");
    assert!(!notes(at, "").contains("were lost"));
}

fn beside_dumps() {
    let busy = Builder::new().name("busy".to_owned());
    busy.spawn(burn_in_known_function).unwrap();
    let server = started();
    let at = server.local_addr();
    let profile = |target: &'static str| Builder::new().spawn(move || lines(at, target)).unwrap();
    let profiles = [
        profile("/debug/pprof/profile?seconds=4&frequency=999&name=busy&format=collapsed"),
        profile("/debug/pprof/profile?seconds=4&name=busy&format=collapsed"),
    ];
    for _ in 0..100 {
        let dump = ask(at, "GET", "/threads?name=busy", &[]);
        assert!(dump.body.contains("Stack trace:\n"), "{}", dump.body);
    }
    let [fast, slow] = profiles.map(|profile| profile.join().unwrap());
    assert!(has_known_function(&fast) && has_known_function(&slow));
    // Each has the frequency that it asked for.
    let total = |found: &[(String, u64)]| found.iter().map(|(_, count)| count).sum::<u64>();
    assert!(
        total(&fast) > 5 * total(&slow),
        "{} {}",
        total(&fast),
        total(&slow)
    );
}

/// The thread that takes dumps blocks the signals of the program, but not those of a profile.
fn dumps_are_sampled() {
    let server = started();
    let at = server.local_addr();
    let target = "/debug/pprof/profile?seconds=3&name=admin-thread-dump&format=collapsed";
    let profile = Builder::new().spawn(move || lines(at, target)).unwrap();
    while !profile.is_finished() {
        assert_alive(at);
    }
    let found = profile.join().unwrap();
    let is_dump = |(stack, _): &(String, u64)| stack.contains("Collector::collect");
    assert!(found.iter().any(is_dump), "{found:?}");
}
