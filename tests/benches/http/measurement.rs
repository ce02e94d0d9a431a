//! Rounds of measurements and their medians.

use std::collections::BTreeMap;
use std::time::Duration;

use admin_tests::median;
use rustix::time::{ClockId, clock_gettime};

use crate::load::{CONNECTIONS, LoadGenerator, Target};

const ROUNDS: usize = 61;
const REQUESTS_PER_CONNECTION: usize = 125;

/// CPU microseconds a request, by name, one value a round.
pub(crate) struct Measurements(BTreeMap<&'static str, Vec<f64>>);

impl Measurements {
    /// Measures every target once in each round; each round begins with another one.
    pub(crate) fn take(targets: &[(&'static str, Target)], load: &mut LoadGenerator) -> Self {
        let mut measured = BTreeMap::<_, Vec<_>>::new();
        for round in 0..ROUNDS {
            for turn in 0..targets.len() {
                let (name, target) = targets[(round + turn) % targets.len()];
                let micros = cpu_us_per_request(target, load);
                measured.entry(name).or_default().push(micros);
            }
        }
        Self(measured)
    }

    pub(crate) fn median_us(&self, name: &str) -> f64 {
        median(self.0[name].clone())
    }

    /// The median over all rounds of one name's time divided by another's in the same round.
    pub(crate) fn median_ratio(&self, name: &str, base: &str) -> f64 {
        let pairs = self.0[name].iter().zip(&self.0[base]);
        median(pairs.map(|(time, base)| time / base).collect())
    }
}

fn cpu_us_per_request(target: Target, load: &mut LoadGenerator) -> f64 {
    load.connect(target);
    let before = process_cpu_time();
    load.send(REQUESTS_PER_CONNECTION);
    let used = process_cpu_time() - before;
    used.as_secs_f64() * 1e6 / (CONNECTIONS * REQUESTS_PER_CONNECTION) as f64
}

/// CPU time of all threads of this process, user and system.
fn process_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("CPU time is never negative")
}
