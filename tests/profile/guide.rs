//! What the guide says of other tools.

use admin_tests::{Case, ask, cases};

use crate::address;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        alloy_gets_every_profile_that_is_enabled,
        the_guide_names_every_parameter
    ]
}

const GUIDE: &str = include_str!("../../admin-endpoints/docs/profiles.md");

/// Where Alloy asks for each profile, unless its configuration says something else.
const ALLOY_PATHS: [(&str, &str); 6] = [
    ("process_cpu", "/debug/pprof/profile"),
    ("fgprof", "/debug/fgprof"),
    ("goroutine", "/debug/pprof/goroutine"),
    ("memory", "/debug/pprof/allocs"),
    ("block", "/debug/pprof/block"),
    ("mutex", "/debug/pprof/mutex"),
];

fn alloy_gets_every_profile_that_is_enabled() {
    let (_, block) = GUIDE.split_once("```alloy\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let mut seen = 0;
    for line in block.lines() {
        let Some((name, setting)) = line.trim().split_once(" { enabled = ") else {
            continue;
        };
        let name = name.strip_prefix("profile.").unwrap();
        let path = ALLOY_PATHS.iter().find(|(known, _)| *known == name);
        let (_, path) = path.unwrap_or_else(|| panic!("Alloy does not know {name}"));
        // Alloy asks for the time between two requests, less a second.
        let reply = ask(address(), "HEAD", &format!("{path}?seconds=14"), &[]);
        let is_enabled = setting.starts_with("true");
        assert!(
            !is_enabled || [200, 429].contains(&reply.status),
            "{path}: {reply:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, ALLOY_PATHS.len(), "every default is decided");
}

fn the_guide_names_every_parameter() {
    let document = ask(address(), "GET", "/openapi.json", &[]).json();
    for path in ["/debug/pprof/profile", "/debug/fgprof"] {
        let parameters = &document["paths"][path]["get"]["parameters"];
        for parameter in parameters.as_array().unwrap() {
            let name = format!("`{}`", parameter["name"].as_str().unwrap());
            assert!(GUIDE.contains(&name), "{name}");
        }
    }
}
