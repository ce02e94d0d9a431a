//! The warning of the accept loop, at most once a minute.

use std::io;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::log_queue;
use crate::text::one_line;

/// Time between two warnings.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// Logs that connections cannot be accepted.
pub(super) struct AcceptWarning {
    clock: Clock,
    last: Option<Instant>,
    suppressed: u64,
}

impl AcceptWarning {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            last: None,
            suppressed: 0,
        }
    }

    /// Logs the error, or counts it for the next warning.
    pub(super) fn warn(&mut self, error: &io::Error) {
        let Some(suppressed) = self.due() else { return };
        let error = one_line(error);
        log_queue::emit(move || {
            tracing::warn!(
                error,
                suppressed,
                "the admin server cannot accept a connection"
            );
        });
    }

    /// How many warnings were suppressed since the last one; `None` if it was less than a minute ago.
    fn due(&mut self) -> Option<u64> {
        let now = self.clock.now();
        let last = self.last.replace(now);
        match last.filter(|last| now.saturating_duration_since(*last) < WARNING_INTERVAL) {
            Some(last) => {
                self.last = Some(last);
                self.suppressed += 1;
                None
            }
            None => Some(std::mem::take(&mut self.suppressed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn one_warning_a_minute_counts_the_others() {
        let clock = Clock::manual(Clock::system().now(), UNIX_EPOCH);
        let mut warning = AcceptWarning::new(clock.clone());
        assert_eq!(warning.due(), Some(0));
        for _ in 0..7 {
            clock.advance(Duration::from_secs(8));
            assert_eq!(warning.due(), None);
        }
        clock.advance(Duration::from_secs(8));
        assert_eq!(warning.due(), Some(7));
        assert_eq!(warning.due(), None);
    }
}
