//! The formats that `go tool pprof` does not read.

use admin_tests::{Case, cases};

use crate::busy::BUSY_THREAD;
use crate::{profile, url};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        a_line_is_a_stack_from_the_root,
        threads_of_a_group_are_counted_together,
        a_flame_graph_is_one_file
    ]
}

fn a_line_is_a_stack_from_the_root() {
    let text = profile(&format!(
        "/debug/pprof/profile?seconds=1&format=collapsed&name={BUSY_THREAD}"
    ));
    let text = String::from_utf8(text).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("burn_two_thirds"))
        .unwrap_or_else(|| panic!("{text}"));
    let (stack, count) = line.rsplit_once(' ').unwrap();
    assert!(count.parse::<u64>().unwrap() > 0);
    assert!(stack.starts_with(&format!("{BUSY_THREAD};")), "{line}");
    let at = |part: &str| stack.find(part).unwrap_or_else(|| panic!("{part}: {line}"));
    assert!(at("busy::start") < at("burn_two_thirds"), "{line}");
    assert!(
        at("burn_two_thirds") < stack.rfind("busy::burn").unwrap(),
        "{line}"
    );
}

fn threads_of_a_group_are_counted_together() {
    let text = profile("/debug/pprof/profile?seconds=1&format=collapsed&name=busy&group=true");
    let text = String::from_utf8(text).unwrap();
    assert!(!text.is_empty());
    assert!(
        text.lines().all(|line| line.starts_with("busy-thirds;")),
        "{text}"
    );
}

fn a_flame_graph_is_one_file() {
    let mut reply = ureq::get(url("/debug/fgprof?seconds=1&format=svg&name=busy"))
        .call()
        .unwrap();
    let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/svg+xml");
    assert!(header("content-security-policy").contains("sandbox"));
    let svg = reply.body_mut().read_to_string().unwrap();
    assert!(svg.starts_with("<?xml version=\"1.0\""), "{svg}");
    assert!(svg.contains("burn_two_thirds ("), "{svg}");
    let outside = svg.replace("http://www.w3.org/", "");
    assert!(!outside.contains("http"), "nothing is loaded");
}
