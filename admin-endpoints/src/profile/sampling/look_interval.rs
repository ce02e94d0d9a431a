//! For how long one look at the threads counts.

use std::time::Duration;

/// A look may be late by this much and by as much as the next one was expected to take.
const TOLERANCE: Duration = Duration::from_millis(500);

/// The time since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LookInterval {
    /// What is seen now is counted for this.
    pub(super) counted: Duration,
    /// In which nobody looked, since the process was stopped or had no processor.
    pub(super) missed: Duration,
}

impl LookInterval {
    /// Divides `elapsed`. `expected` is when the look was to be, after the last one.
    pub(super) fn new(elapsed: Duration, expected: Duration) -> Self {
        let counted = if elapsed > expected * 2 + TOLERANCE {
            expected
        } else {
            elapsed
        };
        Self {
            counted,
            missed: elapsed - counted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_delay_is_missed() {
        for (elapsed, expected, counted) in [
            (10, 10, 10),
            (5, 10, 5),
            (520, 10, 520),
            (521, 10, 10),
            (60_000, 10, 10),
            (2500, 1000, 2500),
            (2501, 1000, 1000),
        ] {
            let [elapsed, expected, counted] =
                [elapsed, expected, counted].map(Duration::from_millis);
            let interval = LookInterval::new(elapsed, expected);
            assert_eq!(interval.counted, counted, "{elapsed:?}");
            assert_eq!(interval.counted + interval.missed, elapsed);
        }
    }
}
