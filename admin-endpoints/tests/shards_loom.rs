//! Every interleaving of records with a shard switch, checked by loom on the very source that the
//! recorder uses.
#![cfg(feature = "metrics")]

mod atomic {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/metrics/shards.rs"]
#[allow(dead_code)]
mod shards;

use loom::sync::Arc;
use loom::thread;
use shards::{Cold, Shards};

/// What collectors took, bucket by bucket, and the sum.
#[derive(Debug, Default, PartialEq)]
struct Taken {
    counts: [u64; 2],
    sum: f64,
}

impl Taken {
    fn collect(&mut self, shards: &Shards) -> Cold {
        let cold = shards.flip();
        while !shards.quiet(&cold) {
            thread::yield_now();
        }
        self.sum += shards.take(&cold, |bucket, count| self.counts[bucket] += count);
        cold
    }
}

fn check(test: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    // Loom keeps the stores to one cell in the order in which it runs them. That the zeroes of `take`
    // come before later records, on a machine that need not, is argued in the source instead.
    // Three threads without a bound take hours; bugs of this kind need two or three preemptions.
    model.preemption_bound = Some(3);
    model.check(test);
}

#[test]
fn two_writers_and_two_switches_lose_nothing_and_tear_nothing() {
    check(|| {
        let shards = Arc::new(Shards::new(2));
        let writers: Vec<_> = [(0, 1.0, 1), (1, 20.0, 2)]
            .into_iter()
            .map(|(bucket, sum, count)| {
                let shards = shards.clone();
                thread::spawn(move || shards.record(bucket, sum, count))
            })
            .collect();
        let mut taken = Taken::default();
        for _ in 0..2 {
            let cold = taken.collect(&shards);
            // Whole: the sum is that of exactly the samples counted.
            assert_eq!(
                taken.sum,
                taken.counts[0] as f64 + 10.0 * taken.counts[1] as f64
            );
            assert!(cold.claimed() <= 3);
        }
        for writer in writers {
            writer.join().expect("a writer does not panic");
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
fn a_writer_that_comes_twice_finds_the_taken_shard_empty() {
    check(|| {
        let shards = Arc::new(Shards::new(2));
        let writer = {
            let shards = shards.clone();
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
