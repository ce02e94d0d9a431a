//! Threads with the same stack, together.

use super::report::{Report, ThreadReport};
use std::collections::HashMap;

/// Threads whose frames, end of stack and state are equal: one at least, the first by id first.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) threads: Vec<&'a ThreadReport>,
}

/// One group per thread.
pub(super) fn apart(report: &Report) -> Vec<Group<'_>> {
    report
        .threads
        .iter()
        .map(|thread| Group {
            threads: vec![thread],
        })
        .collect()
}

/// The largest groups first; equal ones by their first thread's id.
pub(super) fn grouped(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = HashMap::new();
    for thread in &report.threads {
        let stack = match &thread.stack {
            Ok(stack) => Ok((&stack.frames, stack.cut.map(super::report::Cut::words))),
            Err(reason) => Err(reason.to_string()),
        };
        let place = *places
            .entry((thread.facts.state.words(), stack))
            .or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.threads.push(thread),
            None => groups.push(Group {
                threads: vec![thread],
            }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.threads.len()));
    groups
}
