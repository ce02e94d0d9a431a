//! `ci.sh` and the workflow run the same steps.

use std::collections::BTreeSet;
use std::fs;

use crate::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("it is in the tree")
}

/// The words between the first `start` and the next `end`.
fn words_between<'a>(text: &'a str, start: &str, end: char) -> BTreeSet<&'a str> {
    let (_, rest) = text.split_once(start).expect(start);
    let (list, _) = rest.split_once(end).expect("the list ends");
    list.split([',', ' '])
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn every_step_has_a_function_and_help() {
    let script = read("ci.sh");
    let steps = words_between(&script, "\nsteps=(", ')');
    assert!(steps.len() > 5, "{steps:?}");
    let functions: BTreeSet<_> = script
        .lines()
        .filter_map(|line| line.strip_prefix("step_")?.split_once("()"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(functions, steps);
    for step in steps {
        let line = format!("\n  {step} ");
        assert!(script.contains(&line), "usage does not explain {step}");
    }
}

#[test]
fn the_workflow_runs_every_step() {
    let script = read("ci.sh");
    let workflow = read(".github/workflows/ci.yml");
    let mut jobs = words_between(&workflow, "step: [", ']');
    // It has a job of its own, which installs cargo-deny.
    let deny = workflow.split_once("\n  deny:\n").expect("a job").1;
    assert!(deny.contains("run: ./ci.sh deny"), "{workflow}");
    jobs.insert("deny");
    assert_eq!(jobs, words_between(&script, "\nsteps=(", ')'));
}
