//! When a failed announcement is sent again within its interval.

use std::time::Duration;

use crate::fleet::limits::ANNOUNCE_TIMEOUT;

/// The first delay; a random part of it, at most half, is added or subtracted.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// How long the attempts of one interval may take: after that the failure is shown.
const MAX_TIME: Duration = Duration::from_secs(15);

/// The delays between the attempts of one interval: each twice the one before.
///
/// The back-off ends with the interval, so that a directory which starts again has all instances after one
/// interval, however long it was away.
#[derive(Debug)]
pub(super) struct AttemptDelays {
    next: Duration,
    /// What is left for delays and attempts.
    left: Duration,
}

impl AttemptDelays {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            next: FIRST_DELAY,
            left: interval.min(MAX_TIME),
        }
    }

    /// The delay before the next attempt, after one that has taken `elapsed`; `None` if that could last
    /// beyond the interval. `random` is from 0 to 1.
    pub(super) fn after(&mut self, elapsed: Duration, random: f64) -> Option<Duration> {
        let delay = self.next.mul_f64(0.5 + random);
        self.left = self.left.checked_sub(elapsed + delay)?;
        self.next *= 2;
        (self.left >= ANNOUNCE_TIMEOUT).then_some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(interval: u64, elapsed: u64, random: f64) -> Vec<f64> {
        let mut delays = AttemptDelays::new(Duration::from_secs(interval));
        let elapsed = Duration::from_millis(elapsed);
        let next = std::iter::from_fn(|| delays.after(elapsed, random));
        next.take(20).map(|delay| delay.as_secs_f64()).collect()
    }

    #[test]
    fn delays_double_within_the_interval() {
        assert_eq!(delays(10, 0, 0.5), [1.0, 2.0]);
        assert_eq!(delays(20, 0, 0.5), [1.0, 2.0, 4.0]);
        assert_eq!(delays(20, 0, 0.0), [0.5, 1.0, 2.0, 4.0]);
        assert_eq!(delays(1200, 0, 0.5), delays(15, 0, 0.5));
    }

    #[test]
    fn attempts_that_time_out_are_not_repeated_often() {
        assert_eq!(delays(10, 5000, 0.5), [0.0; 0]);
        assert_eq!(delays(20, 5000, 0.5), [1.0]);
        assert_eq!(delays(5, 0, 0.5), [0.0; 0]);
    }
}
