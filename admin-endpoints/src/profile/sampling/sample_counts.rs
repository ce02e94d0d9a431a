//! How often each stack of each thread was seen.

use std::collections::HashMap;

use crate::profile::call_tree::NodeId;
use crate::profile::data::StackSample;

/// Time by thread and stack, in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct SampleCounts {
    times: HashMap<(u32, NodeId), u64>,
}

impl SampleCounts {
    pub(super) fn add(&mut self, thread: u32, node: NodeId, nanoseconds: u64) {
        *self.times.entry((thread, node)).or_default() += nanoseconds;
    }

    pub(super) fn total(&self) -> u64 {
        self.times.values().sum()
    }

    /// The time of each thread.
    pub(super) fn by_thread(&self) -> HashMap<u32, u64> {
        let mut times: HashMap<u32, u64> = HashMap::new();
        for ((thread, _), time) in &self.times {
            *times.entry(*thread).or_default() += time;
        }
        times
    }

    pub(super) fn threads(&self) -> impl Iterator<Item = u32> {
        self.times.keys().map(|(thread, _)| *thread)
    }

    /// Divides the time of each thread over the stacks that `shares` has of it, in their
    /// proportion; to `unknown` where there are none.
    pub(super) fn add_divided(
        &mut self,
        times: &HashMap<u32, u64>,
        shares: &Self,
        unknown: NodeId,
    ) {
        let whole = shares.by_thread();
        for ((thread, node), share) in &shares.times {
            let (Some(time), Some(whole)) = (times.get(thread), whole.get(thread)) else {
                continue;
            };
            let part = u128::from(*time) * u128::from(*share) / u128::from((*whole).max(1));
            if part > 0 {
                self.add(*thread, *node, u64::try_from(part).unwrap_or(u64::MAX));
            }
        }
        for (thread, time) in times {
            if !whole.contains_key(thread) && *time > 0 {
                self.add(*thread, unknown, *time);
            }
        }
    }

    /// The samples, sorted; threads are renumbered by `number`. A period is one sample.
    pub(super) fn into_samples(self, period: u64, number: impl Fn(u32) -> u32) -> Vec<StackSample> {
        let mut renumbered: HashMap<(u32, NodeId), u64> = HashMap::new();
        for ((thread, node), time) in self.times {
            *renumbered.entry((number(thread), node)).or_default() += time;
        }
        let mut samples: Vec<StackSample> = renumbered
            .into_iter()
            .map(|((thread, node), nanoseconds)| StackSample {
                thread,
                node,
                count: ((nanoseconds + period / 2) / period.max(1)).max(1),
                nanoseconds,
            })
            .collect();
        samples.sort_unstable_by_key(|sample| (sample.thread, sample.node));
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(thread: u32, node: NodeId, count: u64, nanoseconds: u64) -> StackSample {
        StackSample {
            thread,
            node,
            count,
            nanoseconds,
        }
    }

    #[test]
    fn running_time_is_divided_by_shares() {
        let mut shares = SampleCounts::default();
        shares.add(0, 1, 30);
        shares.add(0, 2, 10);
        shares.add(2, 1, 5); // was never seen to run
        let mut counts = SampleCounts::default();
        counts.add(0, 9, 1000);
        counts.add_divided(&HashMap::from([(0, 4000), (1, 700)]), &shares, 77);
        let samples = counts.into_samples(1000, |thread| thread);
        assert_eq!(
            samples,
            [
                sample(0, 1, 3, 3000),
                sample(0, 2, 1, 1000),
                sample(0, 9, 1, 1000),
                sample(1, 77, 1, 700),
            ]
        );
    }

    #[test]
    fn threads_with_one_number_are_added() {
        let mut counts = SampleCounts::default();
        counts.add(3, 1, 1500);
        counts.add(4, 1, 1500);
        assert_eq!(counts.total(), 3000);
        assert_eq!(counts.by_thread(), HashMap::from([(3, 1500), (4, 1500)]));
        assert_eq!(counts.into_samples(1000, |_| 0), [sample(0, 1, 3, 3000)]);
    }
}
