//! Samples threads that wait, from outside: none of them is woken.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use super::look_interval::LookInterval;
use super::sample_counts::SampleCounts;
use super::stack_store::StackStore;
use super::thread_list::ThreadList;
use crate::profile::call_tree::NodeId;
use crate::profile::settings::MAX_FRAMES;
use crate::stacks::passive::{PassiveOutcome, PassiveReader, SchedulerCount};
use crate::stacks::task_files::{TaskReader, is_missing_task};

/// A thread that runs while it is read is read again so often.
const MAX_READINGS: u32 = 2;

/// What a thread was seen doing.
enum Observed {
    Waiting(NodeId),
    Running,
    Exited,
}

/// Time in which nobody looked at the threads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Missed {
    pub(super) duration: Duration,
    /// The sum over the threads that were there afterwards, in nanoseconds.
    pub(super) of_all_threads: u64,
}

/// Looks at every thread once in a while.
pub(super) struct WaitingSampler {
    reader: PassiveReader,
    own_tid: u64,
    /// The stack of a thread that waits, and the count that changes when it runs.
    last: HashMap<u32, (SchedulerCount, NodeId)>,
    /// For how long each thread was seen running, in nanoseconds.
    pub(super) running: HashMap<u32, u64>,
    pub(super) waiting: SampleCounts,
    /// How often the threads were looked at.
    pub(super) looks: u64,
    pub(super) missed: Missed,
    /// Why the stacks of threads that wait could not be read.
    pub(super) failure: Option<io::Error>,
    /// For how long, the sum over the threads, in nanoseconds.
    pub(super) unreadable: u64,
}

impl WaitingSampler {
    pub(super) fn new(reader: PassiveReader, own_tid: u64) -> Self {
        Self {
            reader,
            own_tid,
            last: HashMap::new(),
            running: HashMap::new(),
            waiting: SampleCounts::default(),
            looks: 0,
            missed: Missed::default(),
            failure: None,
            unreadable: 0,
        }
    }

    /// Takes from each thread the time in which it seemed to run, but had no processor and waited for none,
    /// as those seem to do that a stopped process had when it goes on. Returns the sum, in nanoseconds.
    ///
    /// `had_processor` says for how long a thread had one or waited for one.
    pub(super) fn limit_running(
        &mut self,
        period: u64,
        had_processor: impl Fn(u32) -> Option<u64>,
    ) -> u64 {
        let mut taken = 0;
        for (thread, seen) in &mut self.running {
            let Some(most) = had_processor(*thread) else {
                continue;
            };
            let limited = limited(*seen, most, period);
            taken += *seen - limited;
            *seen = limited;
        }
        taken
    }

    /// Looks at every thread. `interval` is the time since the last look.
    pub(super) fn look(
        &mut self,
        threads: &ThreadList,
        tasks: &mut TaskReader,
        store: &mut StackStore,
        interval: LookInterval,
    ) {
        self.looks += 1;
        self.missed.duration += interval.missed;
        let nanoseconds = interval.counted.as_nanos() as u64;
        for (index, thread) in threads.iter() {
            if !thread.is_sampled() || thread.tid == self.own_tid {
                continue;
            }
            self.missed.of_all_threads += interval.missed.as_nanos() as u64;
            match self.observe(index, thread.tid, tasks, store) {
                Ok(Observed::Waiting(node)) => self.waiting.add(index, node, nanoseconds),
                Ok(Observed::Running) => {
                    *self.running.entry(index).or_default() += nanoseconds;
                }
                Ok(Observed::Exited) => {}
                Err(error) if is_missing_task(&error) => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.unreadable += nanoseconds;
                }
            }
        }
        // Rules that were derived for threads that wait contain guesses.
        store.unwinder.clear_rules();
    }

    fn observe(
        &mut self,
        index: u32,
        tid: u64,
        tasks: &mut TaskReader,
        store: &mut StackStore,
    ) -> io::Result<Observed> {
        if let Some((count, node)) = self.last.get(&index)
            && self.reader.scheduler_count(tasks, tid)? == *count
        {
            return Ok(Observed::Waiting(*node));
        }
        self.last.remove(&index);
        for _ in 0..MAX_READINGS {
            let reading =
                self.reader
                    .read(tasks, &mut store.unwinder, &store.loaded, tid, MAX_FRAMES);
            return Ok(match reading.outcome {
                PassiveOutcome::Captured(unwound) | PassiveOutcome::Incomplete(unwound) => {
                    let node = store.insert(&unwound, 1);
                    if let Some(count) = reading.count {
                        self.last.insert(index, (count, node));
                    }
                    Observed::Waiting(node)
                }
                PassiveOutcome::Disturbed => continue,
                PassiveOutcome::Running => Observed::Running,
                PassiveOutcome::Unreadable(error) if is_missing_task(&error) => Observed::Exited,
                PassiveOutcome::Unreadable(error) => return Err(error),
            });
        }
        Ok(Observed::Running)
    }
}

/// For how long a thread that was seen running can have run, which was at most `most`. What chance may have
/// added stays: the standard deviation of a number of looks is about its root.
fn limited(seen: u64, most: u64, period: u64) -> u64 {
    let deviation = (most as f64 * period as f64).sqrt() as u64;
    if seen > most + 4 * deviation + 2 * period {
        most
    } else {
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_does_not_limit_running_time() {
        const PERIOD: u64 = 10;
        for (seen, most, expected) in [
            (20, 0, 20), // two looks
            (21, 0, 0),
            (4000, 4000, 4000),
            (3000, 4000, 3000),
            (4820, 4000, 4820), // four deviations of 200, and two looks
            (4821, 4000, 4000),
        ] {
            assert_eq!(limited(seen, most, PERIOD), expected, "{seen} of {most}");
        }
    }
}
