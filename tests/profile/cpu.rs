//! CPU profiles.

use admin_tests::{Case, cases};

use crate::busy::BUSY_THREAD;
use crate::go_tool::{ProfileFile, cumulative_share, pprof};
use crate::{profile, url};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        go_shows_functions_lines_and_threads,
        go_reads_the_profile_from_its_address,
        samples_stand_for_the_cpu_time
    ]
}

fn go_shows_functions_lines_and_threads() {
    let target = format!("/debug/pprof/profile?seconds=3&name={BUSY_THREAD}");
    let file = ProfileFile::new(&profile(&target));

    let top = file.show(&["-top", "-cum"]);
    assert!(top.contains("Type: cpu"), "{top}");
    let long = cumulative_share(&top, "busy::burn_two_thirds");
    let short = cumulative_share(&top, "as profile::busy::Burn<u8>>::burn_one_third");
    assert!((56.0..78.0).contains(&long), "{top}");
    assert!((22.0..44.0).contains(&short), "{top}");

    let tags = file.show(&["-tags"]);
    for label in ["thread", "tid", "group", BUSY_THREAD, "busy-thirds\n"] {
        assert!(tags.contains(label), "{label}:\n{tags}");
    }

    // An absolute directory: its parents are searched too.
    let source_path = concat!("-source_path=", env!("CARGO_MANIFEST_DIR"));
    let list = file.show(&["-list=burn_two_thirds", source_path]);
    assert!(
        list.contains("burn(black_box(Duration::from_millis(2)));"),
        "{list}"
    );
    let comments = file.show(&["-comments"]);
    assert!(!comments.contains("lost"), "{comments}");
}

fn go_reads_the_profile_from_its_address() {
    let address = url("/debug/pprof/profile?seconds=1&frequency=1000");
    let top = admin_tests::poll_until("a session", || {
        Some(pprof(&["-top", "-cum"], &address)).filter(|top| top.contains("Type: cpu"))
    });
    assert!(top.contains("busy::burn"), "{top}");
}

fn samples_stand_for_the_cpu_time() {
    let file = ProfileFile::new(&profile("/debug/pprof/profile?seconds=2"));
    let comments = file.show(&["-comments"]);
    let whole = comments.lines().find(|line| line.contains("process used"));
    let seconds: Vec<f64> = whole
        .unwrap_or_else(|| panic!("{comments}"))
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [used, sampled] = seconds[..] else {
        panic!("{comments}");
    };
    // Other tests start and end threads meanwhile, which are found late.
    assert!(
        used > 0.1 && sampled > 0.5 * used && sampled < 1.5 * used,
        "{comments}"
    );
}
