//! The other paths that Go's tools ask for.

use admin_tests::{Case, ask, cases};

use crate::go_tool::{ProfileFile, pprof};
use crate::{address, profile, url};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        each_thread_is_a_sample_of_current_stacks,
        go_reads_current_stacks_from_their_address,
        the_executable_is_the_first_mapping,
        further_symbols_are_not_known,
        profiles_that_are_not_recorded_are_readable,
        unavailable_profiles_say_why,
        the_page_links_to_every_profile,
        the_command_line_is_separated_by_nul
    ]
}

fn each_thread_is_a_sample_of_current_stacks() {
    let file = ProfileFile::new(&profile("/debug/pprof/goroutine"));
    let top = file.show(&["-top", "-cum"]);
    assert!(top.contains("Type: goroutine"), "{top}");
    assert!(top.contains("busy::wait_in_known_function"), "{top}");
    let tags = file.show(&["-tags"]);
    assert!(tags.contains("sleeping-in-a-known-function"), "{tags}");
}

fn go_reads_current_stacks_from_their_address() {
    let top = pprof(&["-top", "-cum"], &url("/debug/pprof/goroutine"));
    assert!(top.contains("busy::wait_in_known_function"), "{top}");
    assert!(top.contains("File: profile-"), "{top}");
}

fn the_executable_is_the_first_mapping() {
    for path in [
        "/debug/pprof/profile?seconds=1&name=busy",
        "/debug/fgprof?seconds=1&name=sleeping",
        "/debug/pprof/goroutine",
    ] {
        let raw = ProfileFile::new(&profile(path)).show(&["-raw"]);
        let (_, mappings) = raw.split_once("\nMappings\n").unwrap();
        let first = mappings.lines().next().unwrap();
        assert!(first.starts_with("1: 0x"), "{path}: {mappings}");
        assert!(first.contains(" profile-"), "{path}: {mappings}");
        assert!(first.contains("[FN]"), "{path}: {mappings}");
    }
}

fn further_symbols_are_not_known() {
    for path in ["/debug/pprof/symbol", "/symbolz"] {
        let reply = ask(address(), "POST", path, &[]);
        let answer = (reply.status, &*reply.body);
        assert_eq!(answer, (200, "num_symbols: 0\n"), "{reply:?}");
    }
}

fn profiles_that_are_not_recorded_are_readable() {
    for (path, kind) in [
        ("threadcreate", "threadcreate"),
        ("block", "contentions"),
        ("mutex", "contentions"),
    ] {
        let file = ProfileFile::new(&profile(&format!("/debug/pprof/{path}?seconds=1")));
        let raw = file.show(&["-raw"]);
        assert!(raw.contains(&format!("{kind}/count")), "{raw}");
        let comments = file.show(&["-comments"]);
        assert!(comments.contains("not recorded"), "{path}: {comments}");
    }
}

fn unavailable_profiles_say_why() {
    for (path, part) in [
        ("trace", "Go's runtime"),
        ("heap", "heap-profile"),
        ("allocs", "heap-profile"),
    ] {
        let reply = ask(address(), "GET", &format!("/debug/pprof/{path}"), &[]);
        assert_eq!(reply.status, 501, "{reply:?}");
        assert!(reply.body.contains(part), "{reply:?}");
    }
}

fn the_page_links_to_every_profile() {
    let reply = ask(address(), "GET", "/debug/pprof/", &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    let links: Vec<_> = reply.body.split("href=\"..").skip(1).collect();
    assert!(links.len() > 8, "{reply:?}");
    for link in links {
        let (path, _) = link.split_once('"').unwrap();
        let target = format!("/debug{}", path.replace("&amp;", "&"));
        let head = ask(address(), "HEAD", &target, &[]);
        assert!([200, 429, 501].contains(&head.status), "{target}: {head:?}");
    }
    let reply = ask(address(), "GET", "/debug/pprof", &[]);
    assert_eq!(reply.status, 301, "{reply:?}");
    assert_eq!(reply.header("location"), "pprof/");
}

fn the_command_line_is_separated_by_nul() {
    let reply = ask(address(), "GET", "/debug/pprof/cmdline", &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    let program = std::env::args().next().unwrap();
    assert!(reply.body.starts_with(&program), "{reply:?}");
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
}
