//! Metrics of the cache, recorded with the `metrics` facade.

use metrics::{Counter, Gauge, Histogram, Unit, counter, gauge, histogram};

use crate::tiers::Tiers;

/// Handles of the cache's metrics, and the counts already published through them. The tiers count
/// under their lock; the difference is published before the lock is released.
pub(crate) struct Meters {
    tiers: Vec<TierMeters>,
    misses: Counter,
    published_misses: u64,
    hit_seconds: Histogram,
    miss_seconds: Histogram,
}

struct TierMeters {
    hits: Counter,
    evictions: Counter,
    bytes: Gauge,
    published_hits: u64,
    published_evictions: u64,
}

impl Meters {
    /// Creates the handles; the recorder must already be installed.
    pub(crate) fn new(tiers: &Tiers) -> Self {
        describe();
        let seconds = |outcome| histogram!("cache_lookup_duration_seconds", "outcome" => outcome);
        Self {
            tiers: tiers
                .iter()
                .map(|tier| TierMeters::new(&tier.name))
                .collect(),
            misses: counter!("cache_misses_total"),
            published_misses: 0,
            hit_seconds: seconds("hit"),
            miss_seconds: seconds("miss"),
        }
    }

    /// Records the duration of a lookup, by its outcome.
    pub(crate) fn lookup_seconds(&self, hit: bool) -> &Histogram {
        if hit {
            &self.hit_seconds
        } else {
            &self.miss_seconds
        }
    }

    /// Publishes what the tiers have counted since the last call.
    pub(crate) fn publish(&mut self, tiers: &Tiers) {
        for (meters, tier) in self.tiers.iter_mut().zip(tiers.iter()) {
            raise(&meters.hits, &mut meters.published_hits, tier.hits);
            raise(
                &meters.evictions,
                &mut meters.published_evictions,
                tier.evicted,
            );
            meters.bytes.set(tier.lru.bytes() as f64);
        }
        raise(&self.misses, &mut self.published_misses, tiers.misses());
    }
}

impl TierMeters {
    fn new(tier: &str) -> Self {
        let tier = || tier.to_owned();
        Self {
            hits: counter!("cache_hits_total", "tier" => tier()),
            evictions: counter!("cache_evictions_total", "tier" => tier()),
            bytes: gauge!("cache_bytes", "tier" => tier()),
            published_hits: 0,
            published_evictions: 0,
        }
    }
}

/// Increments rather than sets, so that a reset of the metrics holds.
fn raise(counter: &Counter, published: &mut u64, now: u64) {
    counter.increment(now - *published);
    *published = now;
}

fn describe() {
    metrics::describe_counter!(
        "cache_hits_total",
        "Lookups that found their block, by tier"
    );
    metrics::describe_counter!("cache_misses_total", "Lookups that found no block");
    metrics::describe_counter!(
        "cache_evictions_total",
        "Blocks evicted to free space, by tier"
    );
    metrics::describe_gauge!("cache_bytes", Unit::Bytes, "Bytes of the blocks in a tier");
    metrics::describe_histogram!(
        "cache_lookup_duration_seconds",
        Unit::Seconds,
        "Time of one lookup, including the wait for the lock"
    );
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}
