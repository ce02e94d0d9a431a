//! Processes that have removed themselves: an announcement of theirs may still be on its way.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::instance_name::InstanceName;

/// How long a process is remembered: longer than an announcement may be on its way.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// As many as may restart in that time.
const MAX_REMEMBERED: usize = 10_000;

/// The starts of processes, by name and `boot_id`. It reads no clock.
#[derive(Debug, Default)]
pub(super) struct RemovedStarts {
    /// The one that was removed first is the first.
    starts: VecDeque<(Instant, InstanceName, String)>,
}

impl RemovedStarts {
    pub(super) fn add(&mut self, name: InstanceName, boot_id: String, now: Instant) {
        self.expire(now);
        if self.starts.len() >= MAX_REMEMBERED {
            self.starts.pop_front();
        }
        self.starts.push_back((now, name, boot_id));
    }

    pub(super) fn contain(&mut self, name: &InstanceName, boot_id: &str, now: Instant) -> bool {
        self.expire(now);
        let mut starts = self.starts.iter();
        starts.any(|(_, removed, start)| removed == name && start == boot_id)
    }

    fn expire(&mut self, now: Instant) {
        let is_old = |(removed, ..): &(Instant, InstanceName, String)| {
            now.saturating_duration_since(*removed) >= REMEMBERED_FOR
        };
        while self.starts.front().is_some_and(is_old) {
            self.starts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use admin_runtime::clock::Clock;

    use super::*;

    #[test]
    fn starts_are_remembered_for_a_minute() {
        let (mut removed, began) = (RemovedStarts::default(), Clock::system().now());
        let at = |seconds| began + Duration::from_secs(seconds);
        let name: InstanceName = "w1".parse().unwrap();
        removed.add(name.clone(), "b1".to_owned(), at(0));
        assert!(removed.contain(&name, "b1", at(59)));
        assert!(!removed.contain(&name, "b2", at(59)));
        assert!(!removed.contain(&"w2".parse().unwrap(), "b1", at(59)));
        assert!(!removed.contain(&name, "b1", at(60)));
        for number in 0..=MAX_REMEMBERED {
            removed.add(name.clone(), number.to_string(), at(60));
        }
        assert!(!removed.contain(&name, "0", at(60)) && removed.contain(&name, "1", at(60)));
    }
}
