//! Callers that wait for a change of a thread.

use std::sync::PoisonError;
use std::time::Duration;

use super::{ThreadCore, ThreadData};
use crate::clock::Clock;
use crate::periodic::health::state_valid_until;
use crate::periodic::status::ThreadStatus;

impl ThreadCore {
    /// Waits until the loop has ended; whether it did in time. A sync body that waits for its own
    /// loop does not wait at all.
    pub(crate) fn wait_until_stopped(&self, timeout: Duration) -> bool {
        let is_own_loop = |data: &ThreadData| data.os_thread == Some(std::thread::current().id());
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), timeout, |data| {
                data.life.is_running() && !is_own_loop(data)
            });
        let (data, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !data.life.is_running()
    }

    /// Wakes the callers of [`wait_until`](Self::wait_until).
    pub(super) fn notify_waiters(&self, data: &ThreadData) {
        if data.waiters > 0 {
            self.changed.notify_all();
        }
    }

    /// Blocks until the condition holds; whether it did in time. The condition is called without
    /// the lock: it may be slow, and it may use the thread.
    pub(crate) fn wait_until(
        &self,
        timeout: Duration,
        mut condition: impl FnMut(&ThreadStatus) -> bool,
    ) -> bool {
        // The state changes just after the last moment of the present one.
        const AFTER_LAST_MOMENT: Duration = Duration::from_millis(1);
        let system = Clock::system();
        let began = system.now();
        let _waiter = WaiterGuard::new(self);
        loop {
            let status = self.status();
            if condition(&status) {
                return true;
            }
            let left = timeout.saturating_sub(system.now().saturating_duration_since(began));
            if left.is_zero() {
                return false;
            }
            let data = self.lock();
            if !status.same_events(&self.status_of(&data)) {
                continue;
            }
            let now = self.now();
            let next_change = state_valid_until(&self.identity.settings, &data.life)
                .filter(|moment| *moment >= now)
                .and_then(|moment| {
                    self.timeline
                        .time_until(moment.saturating_add(AFTER_LAST_MOMENT))
                });
            let sleep = next_change.map_or(left, |change| change.min(left));
            drop(self.changed.wait_timeout(data, sleep));
        }
    }
}

/// Counts a caller of [`ThreadCore::wait_until`], even when its condition panics.
struct WaiterGuard<'a>(&'a ThreadCore);

impl<'a> WaiterGuard<'a> {
    fn new(thread: &'a ThreadCore) -> Self {
        thread.lock().waiters += 1;
        Self(thread)
    }
}

impl Drop for WaiterGuard<'_> {
    fn drop(&mut self) {
        self.0.lock().waiters -= 1;
    }
}
