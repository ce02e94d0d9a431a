//! What `/threads` shows of them.

use admin_tests::{curl, poll_until};

use crate::process::{Process, WORKER};

#[test]
fn part_of_a_name_finds_the_thread() {
    let worker = Process::start(WORKER, &[]);
    // The thread may not have reached its first wait yet.
    let text = poll_until("the heartbeat to wait", || {
        let text = curl(&[], &worker.url("/threads?name=heartb")).body;
        text.contains("next_run_blocking").then_some(text)
    });
    for part in [
        "Thread: heartbeat (tid ",
        ", critical periodic thread cache_engine::",
        "::heartbeat at examples/cache-engine/src/",
        ")\nStack trace:\n   0: ",
        "\n             at admin-runtime/src/periodic/",
        "\n\n\n=== Thread Summary ===\nTotal threads: 1",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn no_directory_of_the_build_is_shown() {
    let worker = Process::start(WORKER, &[]);
    let text = curl(&[], &worker.url("/threads?full=true")).body;
    let manifest_dir = env!("CARGO_MANIFEST_DIR");
    let workspace = manifest_dir
        .rsplit_once('/')
        .map_or(manifest_dir, |(parent, _)| parent);
    let mut shown = text
        .lines()
        .filter(|line| line.trim_start().starts_with("at "));
    assert!(
        shown.clone().any(|line| line.contains("at examples/")),
        "{text}"
    );
    assert!(
        !text.contains(workspace) && !shown.any(|line| line.contains("at /")),
        "{text}"
    );
}
