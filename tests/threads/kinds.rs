//! Every kind of thread is found in every dump, and gdb sees the same frames.

use std::sync::OnceLock;

use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{Case, ask, cases};

use crate::gdb;
use crate::samples::{self, SAMPLE_THREADS, SampleThread};

pub(crate) fn cases() -> Vec<Case> {
    let cases = cases![
        every_thread_is_found_in_every_dump,
        still_threads_are_read_without_a_signal,
        filters_frames_and_groups_follow_the_query,
        gdb_sees_the_same_frames
    ];
    // Some of the sample threads use a processor all the time.
    cases.into_iter().map(Case::alone).collect()
}

/// The server of a process with the sample threads.
fn server_with_samples() -> &'static RunningServer {
    static SERVER: OnceLock<RunningServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        samples::start();
        AdminServer::builder()
            .bind("127.0.0.1:0")
            .start()
            .expect("it starts")
    })
}

fn dump(target: &str) -> String {
    let reply = ask(server_with_samples().local_addr(), "GET", target, &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

fn block_of<'a>(text: &'a str, sample: &SampleThread) -> &'a str {
    let start = format!("Thread: {} (tid ", samples::cut(sample.name));
    let found = text
        .split("\n\n")
        .find(|block| block.trim_start().starts_with(&start));
    found.unwrap_or_else(|| panic!("{} is not in the dump:\n{text}", sample.name))
}

fn every_thread_is_found_in_every_dump() {
    for round in 0..100 {
        let text = dump("/threads?name=kind-");
        for sample in SAMPLE_THREADS {
            let block = block_of(&text, sample);
            let seen = sample.markers.iter().all(|marker| block.contains(marker));
            let excused = sample.unreachable
                && block.contains(
                    "No stack trace available: the thread is running with SIGURG blocked",
                );
            assert!(
                seen || excused,
                "dump {round}, {:?}:\n{block}",
                sample.markers
            );
            if sample.still {
                assert!(
                    block.contains("Stack trace:\n   0: "),
                    "dump {round}:\n{block}"
                );
            }
        }
    }
}

fn still_threads_are_read_without_a_signal() {
    let document: serde_json::Value =
        serde_json::from_str(&dump("/threads?name=kind-&format=json")).unwrap();
    let threads = document["threads"].as_array().unwrap();
    for sample in SAMPLE_THREADS.iter().filter(|sample| sample.still) {
        let thread = threads
            .iter()
            .find(|thread| thread["name"] == samples::cut(sample.name));
        let thread = thread.unwrap_or_else(|| panic!("{} is not in {document:#}", sample.name));
        assert_eq!(thread["method"], "passive", "{}: {thread:#?}", sample.name);
    }
}

fn filters_frames_and_groups_follow_the_query() {
    let one = dump("/threads?name=KIND-SLEEP");
    assert!(
        one.ends_with("\n\n\n=== Thread Summary ===\nTotal threads: 1"),
        "{one}"
    );
    let tid = one
        .split("(tid ")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    assert!(dump(&format!("/threads?thread_id={tid}&name=sleep")).contains("Total threads: 1"));
    assert_eq!(
        dump(&format!("/threads?thread_id={tid}&name=park")),
        "=== Thread Summary ===\nTotal threads: 0"
    );
    let short = dump("/threads?name=kind-recursion&frames=3&full=true");
    assert!(short.contains("more frames follow"), "{short}");
    assert!(
        short.contains("\n   2: ") && !short.contains("\n   3: "),
        "{short}"
    );
    for wrong in [
        "thread_id=x",
        "frames=0",
        "frames=257",
        "format=xml",
        "group=perhaps",
    ] {
        let reply = ask(
            server_with_samples().local_addr(),
            "GET",
            &format!("/threads?{wrong}"),
            &[],
        );
        assert_eq!(reply.status, 400, "{wrong}");
        assert!(
            reply.body.contains(wrong.split_once('=').unwrap().0),
            "{}",
            reply.body
        );
    }
}

fn gdb_sees_the_same_frames() {
    let document: serde_json::Value =
        serde_json::from_str(&dump("/threads?name=kind-&format=json&full=true")).unwrap();
    let theirs = gdb::frames(std::process::id());
    let (mut same, mut all) = (0, 0);
    for sample in SAMPLE_THREADS.iter().filter(|sample| sample.still) {
        let threads = document["threads"].as_array().unwrap();
        let thread = threads
            .iter()
            .find(|thread| thread["name"] == samples::cut(sample.name))
            .expect("every sample is in the dump");
        let ours = gdb::addresses(thread);
        let theirs = theirs
            .get(&thread["tid"].as_u64().unwrap())
            .expect("gdb lists it");
        let length = ours.len().max(theirs.len());
        let equal = ours
            .iter()
            .zip(theirs)
            .filter(|(ours, theirs)| ours == theirs)
            .count();
        if equal != length {
            println!(
                "{}: {equal} of {length}\nours   {ours:x?}\ntheirs {theirs:x?}",
                sample.name
            );
        }
        same += equal;
        all += length;
    }
    println!("{same} of {all} frames equal gdb's");
    assert!(
        same * 100 >= all * 98 && all > 200,
        "{same} of {all} frames equal gdb's"
    );
}
