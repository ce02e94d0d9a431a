//! Wall-clock profiles.

use admin_tests::{Case, cases};

use crate::busy::{BUSY_THREAD, SLEEPING_THREAD};
use crate::go_tool::ProfileFile;
use crate::profile;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        waiting_threads_are_seen_and_not_woken,
        the_whole_time_of_a_thread_is_told,
        the_path_below_pprof_is_the_same_profile,
        running_threads_are_sampled_by_their_timers,
        a_state_selects_what_threads_do
    ]
}

/// How often a thread ran, by its kernel name.
fn runs(name: &str) -> u64 {
    let comm = &name[..15.min(name.len())];
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let mut paths = tasks.map(|task| task.unwrap().path());
    let is_named = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path.join("comm")).is_ok_and(|found| found.trim_end() == comm)
    };
    let path = paths.find(is_named).expect("the thread runs");
    let schedstat = std::fs::read_to_string(path.join("schedstat")).unwrap();
    schedstat
        .split_whitespace()
        .nth(2)
        .unwrap()
        .parse()
        .unwrap()
}

fn lines(target: &str) -> Vec<(String, u64)> {
    let text = String::from_utf8(profile(target)).unwrap();
    let parsed = text.lines().map(|line| {
        let (stack, count) = line.rsplit_once(' ').unwrap();
        (stack.to_owned(), count.parse().unwrap())
    });
    parsed.collect()
}

fn waiting_threads_are_seen_and_not_woken() {
    crate::address();
    let target = format!("/debug/fgprof?seconds=2&name={SLEEPING_THREAD}");
    let _warm = profile(&target.replace("seconds=2", "seconds=1"));
    let before = runs(SLEEPING_THREAD);
    let file = ProfileFile::new(&profile(&target));
    assert_eq!(runs(SLEEPING_THREAD), before);
    let top = file.show(&["-top", "-cum"]);
    assert!(top.contains("Type: wall"), "{top}");
    let share = crate::go_tool::cumulative_share(&top, "busy::wait_in_known_function");
    assert!(share > 99.0, "{top}");
    let total = top.lines().find(|line| line.contains("Total samples"));
    assert!(total.is_some(), "{top}");
}

fn the_whole_time_of_a_thread_is_told() {
    let target =
        format!("/debug/fgprof?seconds=2&frequency=1&name={SLEEPING_THREAD}&format=collapsed");
    let found = lines(&target);
    let seconds: u64 = found.iter().map(|(_, count)| count).sum();
    assert!(seconds >= 2, "{found:?}");
}

fn the_path_below_pprof_is_the_same_profile() {
    let target = format!("/debug/pprof/fgprof?seconds=1&name={SLEEPING_THREAD}&format=collapsed");
    let found = lines(&target);
    assert!(found[0].0.contains("wait_in_known_function"), "{found:?}");
}

fn running_threads_are_sampled_by_their_timers() {
    let target = format!("/debug/fgprof?seconds=2&name={BUSY_THREAD}&format=collapsed");
    let found = lines(&target);
    let count = |function| -> u64 {
        let of = found.iter().filter(|(stack, _)| stack.contains(function));
        of.map(|(_, count)| count).sum()
    };
    let (long, short) = (count("burn_two_thirds"), count("burn_one_third"));
    assert!(long > short && short > 0, "{found:?}");
    assert!(
        found
            .iter()
            .all(|(stack, _)| stack.starts_with(BUSY_THREAD))
    );
}

fn a_state_selects_what_threads_do() {
    let of = |state: &str| {
        let names = "name=s"; // both have one
        lines(&format!(
            "/debug/fgprof?seconds=1&{names}&state={state}&format=collapsed"
        ))
    };
    let has = |lines: &[(String, u64)], function: &str| {
        lines.iter().any(|(stack, _)| stack.contains(function))
    };
    let waiting = of("waiting");
    assert!(has(&waiting, "wait_in_known_function"), "{waiting:?}");
    assert!(!has(&waiting, "burn_two_thirds;"), "{waiting:?}");
    let running = of("running");
    assert!(has(&running, "burn_two_thirds"), "{running:?}");
    assert!(!has(&running, "wait_in_known_function"), "{running:?}");
}
