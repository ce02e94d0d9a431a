//! The clock that code with deadlines is given, so that tests can move time by hand.
//!
//! ```
//! use admin_runtime::clock::Clock;
//! use std::time::{Duration, Instant, UNIX_EPOCH};
//!
//! let clock = Clock::manual(Instant::now(), UNIX_EPOCH);
//! let deadline = clock.now() + Duration::from_secs(60);
//! clock.advance(Duration::from_secs(61));
//! assert!(clock.now() > deadline);
//! ```

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

use crate::sync::lock;

/// A monotonic clock, to measure with, and a wall clock, to show: the system's, or two that only
/// move when told to. Clones of a manual clock share its time.
///
/// ```
/// use admin_runtime::clock::Clock;
///
/// let clock = Clock::system();
/// assert!(clock.now() <= clock.now());
///
/// let (now, hour) = (clock.now(), std::time::Duration::from_secs(3600));
/// let clock = Clock::manual(now, std::time::UNIX_EPOCH);
/// clock.advance(hour);
/// assert_eq!((clock.now(), clock.wall()), (now + hour, std::time::UNIX_EPOCH + hour));
/// ```
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Manual(Arc<Mutex<ManualTime>>),
}

#[derive(Debug)]
struct ManualTime {
    monotonic: Instant,
    wall: SystemTime,
}

impl Clock {
    /// The system's clocks.
    #[must_use]
    pub const fn system() -> Self {
        Self(Kind::System)
    }

    /// Clocks that show these times until they are moved.
    #[must_use]
    pub fn manual(monotonic: Instant, wall: SystemTime) -> Self {
        let time = ManualTime { monotonic, wall };
        Self(Kind::Manual(Arc::new(Mutex::new(time))))
    }

    /// The time of the monotonic clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock passed in")]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Kind::System => Instant::now(),
            Kind::Manual(time) => lock(time).monotonic,
        }
    }

    /// The time of the wall clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock passed in")]
    pub fn wall(&self) -> SystemTime {
        match &self.0 {
            Kind::System => SystemTime::now(),
            Kind::Manual(time) => lock(time).wall,
        }
    }

    /// How long to sleep for that time of the monotonic clock. `None` for a manual clock: no sleep
    /// ends when it is moved, so whoever moves it also wakes the sleeper.
    ///
    /// ```
    /// use admin_runtime::clock::Clock;
    /// use std::time::{Duration, Instant, UNIX_EPOCH};
    ///
    /// let system = Clock::system();
    /// assert_eq!(system.time_until(system.now()), Some(Duration::ZERO), "already reached");
    /// let manual = Clock::manual(Instant::now(), UNIX_EPOCH);
    /// assert_eq!(manual.time_until(manual.now() + Duration::from_secs(1)), None);
    /// ```
    #[must_use]
    pub fn time_until(&self, deadline: Instant) -> Option<Duration> {
        match &self.0 {
            Kind::System => Some(deadline.saturating_duration_since(self.now())),
            Kind::Manual(_) => None,
        }
    }

    /// Moves both clocks of a manual clock forward.
    ///
    /// # Panics
    ///
    /// This is the system's clock, or the time is beyond what it can represent.
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        let mut time = self.manual_time();
        time.monotonic += by;
        time.wall += by;
    }

    /// Sets the wall clock of a manual clock, as an administrator or NTP may at any time.
    ///
    /// ```
    /// use admin_runtime::clock::Clock;
    /// use std::time::{Duration, Instant, UNIX_EPOCH};
    ///
    /// let clock = Clock::manual(Instant::now(), UNIX_EPOCH + Duration::from_secs(5));
    /// let before = clock.now();
    /// clock.set_wall(UNIX_EPOCH);
    /// assert_eq!((clock.now(), clock.wall()), (before, UNIX_EPOCH));
    /// ```
    ///
    /// # Panics
    ///
    /// This is the system's clock.
    #[track_caller]
    pub fn set_wall(&self, wall: SystemTime) {
        self.manual_time().wall = wall;
    }

    #[track_caller]
    fn manual_time(&self) -> MutexGuard<'_, ManualTime> {
        match &self.0 {
            Kind::System => panic!("only a manual clock can be moved"),
            Kind::Manual(time) => lock(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn clones_of_a_manual_clock_share_time() {
        let clock = Clock::manual(Clock::system().now(), UNIX_EPOCH);
        let (clone, before) = (clock.clone(), clock.now());
        clone.advance(Duration::from_secs(3));
        assert_eq!(clock.now() - before, Duration::from_secs(3));
        assert_eq!(clock.wall(), UNIX_EPOCH + Duration::from_secs(3));
    }

    #[test]
    fn system_time_until_counts_down() {
        let clock = Clock::system();
        let hour = Duration::from_secs(3600);
        let left = clock.time_until(clock.now() + hour).unwrap();
        assert!(left <= hour && left > hour / 2, "{left:?}");
    }

    #[test]
    #[should_panic(expected = "only a manual clock can be moved")]
    fn system_clock_refuses_to_move() {
        Clock::system().advance(Duration::from_secs(1));
    }
}
