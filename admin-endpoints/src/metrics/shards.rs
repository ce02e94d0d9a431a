//! Two copies of a histogram's buckets, one hot and one cold. A record is written to one of them
//! only.
//!
//! The algorithm is that of client_golang's histogram. A record first claims a slot in the hot
//! shard with one atomic operation that also returns which shard is hot. A collector flips the hot
//! bit; the same operation returns how many records had claimed a slot in the shard that is now
//! cold. When its buckets contain that many records, no thread writes to the cold shard any more
//! and the collector takes its contents.

use super::atomic::{AtomicU64, Ordering};

/// The bit of `claims` that selects the hot shard; the bits below it count the claims.
const HOT_SHARD_BIT: u64 = 1 << 63;

/// The two shards of one histogram, each a sum and non-cumulative buckets.
#[derive(Debug)]
pub(super) struct Shards {
    claims: AtomicU64,
    /// Buckets of one shard, including +Inf.
    buckets: usize,
    /// For each shard the sum, as the bits of an `f64`, followed by the buckets.
    cells: Box<[AtomicU64]>,
}

/// A shard that [`Shards::flip`] took out of use and that has not been emptied yet.
#[derive(Debug)]
pub(super) struct ColdShard {
    shard: usize,
    claimed: u64,
}

impl ColdShard {
    /// Records that claimed a slot in the shard, whether they are complete or not.
    pub(super) fn claimed(&self) -> u64 {
        self.claimed
    }
}

impl Shards {
    /// Two empty shards with `buckets` buckets each.
    pub(super) fn new(buckets: usize) -> Self {
        let cells = (0..2 * (buckets + 1)).map(|_| AtomicU64::new(0)).collect();
        Self {
            claims: AtomicU64::new(0),
            buckets,
            cells,
        }
    }

    /// Adds `count` samples with the given sum to `bucket` of the hot shard. A bucket out of range
    /// is ignored.
    pub(super) fn record(&self, bucket: usize, sum: f64, count: u64) {
        if bucket >= self.buckets {
            return;
        }
        // Acquire pairs with the release in `flip`, so that this record follows the zeroes that
        // `take` wrote.
        let claims = self.claims.fetch_add(count, Ordering::Acquire);
        let shard = self.shard(usize::from(claims & HOT_SHARD_BIT != 0));
        add_f64(&shard[0], sum);
        // Release and last: a thread that reads the count also reads the sum.
        shard[1 + bucket].fetch_add(count, Ordering::Release);
    }

    /// Whether a record has claimed a slot since the last flip.
    pub(super) fn is_claimed(&self) -> bool {
        self.claims.load(Ordering::Relaxed) & !HOT_SHARD_BIT != 0
    }

    /// Makes the other shard the hot one and returns the one that was.
    ///
    /// Only one collector may call this at a time, and the other shard must be empty.
    pub(super) fn flip(&self) -> ColdShard {
        // Relaxed: only the collector changes this bit.
        let hot = self.claims.load(Ordering::Relaxed) & HOT_SHARD_BIT;
        let claims = self.claims.swap(hot ^ HOT_SHARD_BIT, Ordering::Release);
        ColdShard {
            shard: usize::from(hot != 0),
            claimed: claims & !HOT_SHARD_BIT,
        }
    }

    /// Whether every record that claimed a slot in the cold shard is complete.
    pub(super) fn is_complete(&self, cold: &ColdShard) -> bool {
        let buckets = &self.shard(cold.shard)[1..];
        buckets
            .iter()
            .fold(0, |sum: u64, n| sum.wrapping_add(n.load(Ordering::Acquire)))
            == cold.claimed
    }

    /// Empties a complete cold shard: passes each bucket's count to `add` and returns the sum.
    pub(super) fn take(&self, cold: &ColdShard, mut add: impl FnMut(usize, u64)) -> f64 {
        debug_assert!(self.is_complete(cold));
        let shard = self.shard(cold.shard);
        let sum = f64::from_bits(shard[0].load(Ordering::Relaxed));
        shard[0].store(0, Ordering::Relaxed);
        for (bucket, cell) in shard[1..].iter().enumerate() {
            add(bucket, cell.load(Ordering::Relaxed));
            cell.store(0, Ordering::Relaxed);
        }
        sum
    }

    /// Passes the complete records of the cold shard to `add` and returns their sum, without
    /// removing them.
    pub(super) fn peek_cold(&self, cold: &ColdShard, add: impl FnMut(usize, u64)) -> f64 {
        self.peek(cold.shard, add)
    }

    /// Passes the complete records of the hot shard to `add` and returns their sum, without
    /// removing them.
    pub(super) fn peek_hot(&self, add: impl FnMut(usize, u64)) -> f64 {
        let hot = self.claims.load(Ordering::Acquire) & HOT_SHARD_BIT;
        self.peek(usize::from(hot != 0), add)
    }

    fn peek(&self, shard: usize, mut add: impl FnMut(usize, u64)) -> f64 {
        let shard = self.shard(shard);
        for (bucket, cell) in shard[1..].iter().enumerate() {
            add(bucket, cell.load(Ordering::Acquire));
        }
        f64::from_bits(shard[0].load(Ordering::Relaxed))
    }

    fn shard(&self, shard: usize) -> &[AtomicU64] {
        let width = self.buckets + 1;
        &self.cells[shard * width..(shard + 1) * width]
    }
}

/// The two steps of [`Shards::record`], for tests that stop between them.
#[cfg(test)]
impl Shards {
    pub(super) fn claim_only(&self) -> usize {
        usize::from(self.claims.fetch_add(1, Ordering::Acquire) & HOT_SHARD_BIT != 0)
    }

    pub(super) fn complete(&self, shard: usize, bucket: usize) {
        self.shard(shard)[1 + bucket].fetch_add(1, Ordering::Release);
    }
}

/// Adds to an `f64` stored as bits. Relaxed, because callers order it with another cell.
pub(super) fn add_f64(cell: &AtomicU64, value: f64) {
    let mut current = cell.load(Ordering::Relaxed);
    loop {
        let sum = (f64::from_bits(current) + value).to_bits();
        match cell.compare_exchange_weak(current, sum, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return,
            Err(actual) => current = actual,
        }
    }
}
