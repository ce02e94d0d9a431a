//! Waiting for what no event announces.

use std::time::{Duration, Instant};

/// Pause between two attempts.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Longest wait: a machine that does other work at the same time is slow, not broken.
const POLL_TIMEOUT: Duration = Duration::from_secs(60);

/// Calls `attempt` until it returns a value.
///
/// # Panics
///
/// If it returned none for a minute; the message names `what` was waited for.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "another process changes what is polled, and tells nobody"
)]
pub fn poll_until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + POLL_TIMEOUT;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        std::thread::sleep(POLL_INTERVAL);
    }
}
