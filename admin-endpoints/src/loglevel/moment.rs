//! One reading of the clock.

use std::time::{Duration, Instant, SystemTime};

use admin_runtime::clock::Clock;

use super::ttl::Ttl;

/// The time on both clocks: the monotonic one, which decides, and the wall clock, which is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockReading {
    pub(super) monotonic: Instant,
    pub(super) wall: SystemTime,
}

impl ClockReading {
    pub(super) fn now(clock: &Clock) -> Self {
        Self {
            monotonic: clock.now(),
            wall: clock.wall(),
        }
    }

    /// The moment at which something that begins now has lasted for `ttl`.
    pub(super) fn after(self, ttl: Ttl) -> Self {
        let duration: Duration = ttl.as_duration();
        // Both clocks can represent every time that is at most `MAX_TTL` from now.
        Self {
            monotonic: self.monotonic + duration,
            wall: self.wall + duration,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::LazyLock;

    use super::*;

    static START: LazyLock<Instant> = LazyLock::new(|| Clock::system().now());

    /// The moment `seconds` after the tests started, which the wall clock shows as 1970.
    pub(crate) fn at(seconds: u64) -> ClockReading {
        let elapsed = Duration::from_secs(seconds);
        ClockReading {
            monotonic: *START + elapsed,
            wall: SystemTime::UNIX_EPOCH + elapsed,
        }
    }
}
