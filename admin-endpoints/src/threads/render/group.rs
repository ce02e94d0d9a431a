//! Groups threads with the same stack.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::frames::Truncation;
use crate::threads::report::{Report, ThreadReport};

/// Threads with equal frames, truncation and state; never empty, in ascending order of IDs.
#[derive(Clone, Debug)]
pub(super) struct ThreadGroup<'a> {
    pub(super) threads: Vec<&'a ThreadReport>,
}

/// One group per thread.
pub(super) fn separate(report: &Report) -> Vec<ThreadGroup<'_>> {
    report
        .threads
        .iter()
        .map(|thread| ThreadGroup {
            threads: vec![thread],
        })
        .collect()
}

/// The largest groups first; groups of equal size in the order of their first threads.
pub(super) fn grouped(report: &Report) -> Vec<ThreadGroup<'_>> {
    let mut groups: Vec<ThreadGroup<'_>> = Vec::new();
    let mut index_of = HashMap::new();
    for thread in &report.threads {
        let stack = match &thread.stack {
            Ok(stack) => Ok((&stack.frames, stack.truncation.map(Truncation::as_str))),
            Err(reason) => Err(reason.to_string()),
        };
        let index = *index_of
            .entry((thread.info.state.as_str(), stack))
            .or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.threads.push(thread),
            None => groups.push(ThreadGroup {
                threads: vec![thread],
            }),
        }
    }
    groups.sort_by_key(|group| Reverse(group.threads.len()));
    groups
}
