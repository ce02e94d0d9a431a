//! Interleavings of records and flips of the histogram shards, explored by loom with the source file
//! of the recorder.
#![cfg(feature = "metrics")]

mod atomic {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/metrics/shards.rs"]
#[allow(dead_code)]
mod shards;

use loom::sync::Arc;
use loom::thread;

use self::shards::{ColdShard, Shards};

/// Buckets and sum that collectors have taken.
#[derive(Debug, Default, PartialEq)]
struct Taken {
    counts: [u64; 2],
    sum: f64,
}

impl Taken {
    fn collect(&mut self, shards: &Shards) -> ColdShard {
        let cold = shards.flip();
        while !shards.is_complete(&cold) {
            thread::yield_now();
        }
        self.sum += shards.take(&cold, |bucket, count| self.counts[bucket] += count);
        cold
    }
}

fn check(test: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    // Loom executes stores to one cell in program order. That the zeroes of `take` precede later
    // records on weaker hardware is argued in the source.
    // Three threads without a bound take hours; such bugs need two or three preemptions.
    model.preemption_bound = Some(3);
    model.check(test);
}

#[test]
fn concurrent_records_and_flips_are_consistent() {
    check(|| {
        let shards = Arc::new(Shards::new(2));
        let writers: Vec<_> = [(0, 1.0, 1), (1, 20.0, 2)]
            .into_iter()
            .map(|(bucket, sum, count)| {
                let shards = Arc::clone(&shards);
                thread::spawn(move || shards.record(bucket, sum, count))
            })
            .collect();
        let mut taken = Taken::default();
        for _ in 0..2 {
            let cold = taken.collect(&shards);
            // The sum is that of the counted samples.
            assert_eq!(
                taken.sum,
                taken.counts[0] as f64 + 10.0 * taken.counts[1] as f64
            );
            assert!(cold.claimed() <= 3);
        }
        for writer in writers {
            writer.join().expect("the writer does not panic");
        }
        taken.collect(&shards);
        taken.collect(&shards);
        assert_eq!(
            taken,
            Taken {
                counts: [1, 2],
                sum: 21.0
            }
        );
    });
}

#[test]
fn records_after_a_take_start_from_zero() {
    check(|| {
        let shards = Arc::new(Shards::new(2));
        let writer = {
            let shards = Arc::clone(&shards);
            thread::spawn(move || {
                shards.record(0, 1.0, 1);
                shards.record(0, 1.0, 1);
            })
        };
        let mut claimed = 0;
        let mut taken = Taken::default();
        for _ in 0..3 {
            claimed += taken.collect(&shards).claimed();
        }
        writer.join().expect("the writer does not panic");
        for _ in 0..2 {
            claimed += taken.collect(&shards).claimed();
        }
        assert_eq!(claimed, 2);
        assert_eq!(
            taken,
            Taken {
                counts: [2, 0],
                sum: 2.0
            }
        );
    });
}
