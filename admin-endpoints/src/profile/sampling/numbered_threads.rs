//! Numbers the threads of a profile, or their groups.

use std::collections::HashMap;
use std::sync::Arc;

use super::sample_counts::SampleCounts;
use super::thread_list::ThreadList;
use crate::profile::data::{ProfiledThread, thread_group};

/// The threads that have samples, and the number of each by its index in the list.
pub(super) fn number_threads(
    list: &ThreadList,
    counts: &SampleCounts,
    group: bool,
) -> (Vec<ProfiledThread>, impl Fn(u32) -> u32 + use<>) {
    let mut indexes: Vec<u32> = counts.threads().collect();
    indexes.sort_unstable();
    indexes.dedup();
    let mut threads: Vec<ProfiledThread> = Vec::new();
    let mut groups: HashMap<Arc<str>, u32> = HashMap::new();
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    for index in indexes {
        let Some(thread) = list.get(index) else {
            continue;
        };
        let next = threads.len() as u32;
        let number = if group {
            let name: Arc<str> = thread_group(&thread.name).into();
            *groups.entry(name).or_insert(next)
        } else {
            next
        };
        if number == next {
            let name = if group {
                thread_group(&thread.name)
            } else {
                &*thread.name
            };
            threads.push(ProfiledThread::new(name, (!group).then_some(thread.tid)));
        }
        numbers.insert(index, number);
    }
    (threads, move |index| {
        numbers.get(&index).copied().unwrap_or(u32::MAX)
    })
}
