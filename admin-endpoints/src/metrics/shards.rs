//! Two copies of a histogram's buckets, one hot and one cold: a record lands wholly in one of them.
//!
//! The scheme is that of client_golang's histogram. A record first claims a place in the hot shard,
//! with one atomic operation that also tells it which shard is hot. A collector flips the hot bit
//! and, with the same operation, learns how many records had claimed a place in the shard that is
//! now cold. Once that many have arrived in its buckets nobody writes to it any more, and the
//! collector takes its contents.

use super::atomic::{AtomicU64, Ordering};

/// The bit of `claims` that names the hot shard; the bits below it count its claims.
const HOT: u64 = 1 << 63;

/// The two shards of one histogram: for each a sum and the buckets, not cumulative.
#[derive(Debug)]
pub(crate) struct Shards {
    claims: AtomicU64,
    /// Buckets of a shard, the one up to +Inf included.
    buckets: usize,
    /// Per shard: the sum (bits of an `f64`), then the buckets.
    cells: Box<[AtomicU64]>,
}

/// A shard that was taken out of use by [`Shards::flip`] and not yet taken.
#[derive(Debug)]
pub(crate) struct Cold {
    shard: usize,
    claimed: u64,
}

impl Cold {
    /// Records that claimed a place in the shard, whether they have arrived or not.
    pub(crate) fn claimed(&self) -> u64 {
        self.claimed
    }
}

impl Shards {
    /// Two empty shards of `buckets` buckets.
    pub(crate) fn new(buckets: usize) -> Self {
        let cells = (0..2 * (buckets + 1)).map(|_| AtomicU64::new(0)).collect();
        Self {
            claims: AtomicU64::new(0),
            buckets,
            cells,
        }
    }

    /// Adds `count` samples, `sum` in all, to `bucket` of the hot shard.
    ///
    /// A bucket that does not exist is a mistake of the caller and counts nothing.
    pub(crate) fn record(&self, bucket: usize, sum: f64, count: u64) {
        if bucket >= self.buckets {
            return;
        }
        // Acquire: pairs with the release of `flip`, so that the zeroes of `take` come before this
        // record.
        let claims = self.claims.fetch_add(count, Ordering::Acquire);
        let shard = self.shard(usize::from(claims & HOT != 0));
        add_f64(&shard[0], sum);
        // Release, and last: whoever sees the count sees the sum.
        shard[1 + bucket].fetch_add(count, Ordering::Release);
    }

    /// Whether a record has claimed a place since the last flip; if not, a flip would find nothing.
    pub(crate) fn is_claimed(&self) -> bool {
        self.claims.load(Ordering::Relaxed) & !HOT != 0
    }

    /// Makes the other shard the hot one.
    ///
    /// There must be one collector at a time, and the other shard must have been taken.
    pub(crate) fn flip(&self) -> Cold {
        let hot = self.claims.load(Ordering::Relaxed) & HOT; // only the collector changes this bit
        let claims = self.claims.swap(hot ^ HOT, Ordering::Release);
        Cold {
            shard: usize::from(hot != 0),
            claimed: claims & !HOT,
        }
    }

    /// Whether every record that claimed a place in the cold shard has arrived.
    pub(crate) fn quiet(&self, cold: &Cold) -> bool {
        let buckets = &self.shard(cold.shard)[1..];
        buckets
            .iter()
            .fold(0, |sum: u64, n| sum.wrapping_add(n.load(Ordering::Acquire)))
            == cold.claimed
    }

    /// Empties a quiet cold shard: hands each bucket's count to `add` and returns the sum.
    pub(crate) fn take(&self, cold: &Cold, mut add: impl FnMut(usize, u64)) -> f64 {
        debug_assert!(self.quiet(cold));
        let shard = self.shard(cold.shard);
        let sum = f64::from_bits(shard[0].load(Ordering::Relaxed));
        shard[0].store(0, Ordering::Relaxed);
        for (bucket, cell) in shard[1..].iter().enumerate() {
            add(bucket, cell.load(Ordering::Relaxed));
            cell.store(0, Ordering::Relaxed);
        }
        sum
    }

    /// Hands what has arrived in the cold shard so far to `add` and returns the sum; all of it
    /// stays.
    pub(crate) fn peek_cold(&self, cold: &Cold, add: impl FnMut(usize, u64)) -> f64 {
        self.peek(cold.shard, add)
    }

    /// Hands what has arrived in the hot shard so far to `add` and returns the sum; all of it
    /// stays.
    pub(crate) fn peek_hot(&self, add: impl FnMut(usize, u64)) -> f64 {
        let hot = self.claims.load(Ordering::Acquire) & HOT;
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

/// The two halves of [`Shards::record`], for tests that stop between them.
#[cfg(test)]
impl Shards {
    pub(crate) fn claim_only(&self) -> usize {
        usize::from(self.claims.fetch_add(1, Ordering::Acquire) & HOT != 0)
    }

    pub(crate) fn arrive(&self, shard: usize, bucket: usize) {
        self.shard(shard)[1 + bucket].fetch_add(1, Ordering::Release);
    }
}

/// Adds to a float that is kept as bits; relaxed, because callers order it with another cell.
pub(crate) fn add_f64(cell: &AtomicU64, value: f64) {
    let mut now = cell.load(Ordering::Relaxed);
    loop {
        let sum = (f64::from_bits(now) + value).to_bits();
        match cell.compare_exchange_weak(now, sum, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return,
            Err(seen) => now = seen,
        }
    }
}
