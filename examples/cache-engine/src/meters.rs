//! What the cache counts through the `metrics` facade.

use metrics::{Counter, Gauge, Histogram, Unit, counter, gauge, histogram};

use crate::tiers::Tiers;

/// Handles of the cache's metrics, and what was published through them: tiers count by
/// themselves, under their lock, and the difference is passed on when it is released.
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
    /// Takes the handles; the recorder must be installed by then.
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

    /// How long look-ups take, by their outcome.
    pub(crate) fn lookup_seconds(&self, hit: bool) -> &Histogram {
        if hit {
            &self.hit_seconds
        } else {
            &self.miss_seconds
        }
    }

    /// Passes on what the tiers have counted since the last time.
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
        "Look-ups that found their block, by its tier"
    );
    metrics::describe_counter!("cache_misses_total", "Look-ups that found nothing");
    metrics::describe_counter!("cache_evictions_total", "Blocks dropped for room, by tier");
    metrics::describe_gauge!("cache_bytes", Unit::Bytes, "Bytes of the blocks in a tier");
    metrics::describe_histogram!(
        "cache_lookup_duration_seconds",
        Unit::Seconds,
        "Time of one look-up, waiting for the lock included"
    );
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}
