//! How many profiles of one process are made at the same time.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::ProfileError;
use super::settings::MAX_SESSIONS;

/// The process in the upper half, so that a forked child does not count its parent's profiles, and
/// the number of profiles in the lower.
static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// The right to make one profile; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct SessionPermit {
    process_id: u32,
}

fn sessions_of(word: u64, process_id: u32) -> u32 {
    let is_own = word >> 32 == u64::from(process_id);
    if is_own { word as u32 } else { 0 }
}

fn word(process_id: u32, sessions: u32) -> u64 {
    u64::from(process_id) << 32 | u64::from(sessions)
}

impl SessionPermit {
    /// # Errors
    ///
    /// [`ProfileError::TooManySessions`].
    pub(super) fn acquire() -> Result<Self, ProfileError> {
        let process_id = process::id();
        let one_more = |current: u64| {
            let sessions = sessions_of(current, process_id);
            (sessions < MAX_SESSIONS).then(|| word(process_id, sessions + 1))
        };
        SESSIONS
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
            .map(|_| Self { process_id })
            .map_err(|_| ProfileError::TooManySessions)
    }
}

impl Drop for SessionPermit {
    fn drop(&mut self) {
        let process_id = self.process_id;
        let one_less = |current: u64| {
            let sessions = sessions_of(current, process_id);
            Some(word(process_id, sessions.checked_sub(1)?))
        };
        // In a forked child the count is that of another process.
        let _ = SESSIONS.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_permit_can_be_acquired_again() {
        let permits: Vec<_> = std::iter::from_fn(|| SessionPermit::acquire().ok()).collect();
        assert!(permits.len() <= MAX_SESSIONS as usize);
        assert!(matches!(
            SessionPermit::acquire(),
            Err(ProfileError::TooManySessions)
        ));
        drop(permits);
        assert!(SessionPermit::acquire().is_ok());
    }

    #[test]
    fn permits_of_another_process_do_not_count() {
        assert_eq!(sessions_of(word(7, 4), 8), 0);
        assert_eq!(sessions_of(word(7, 4), 7), 4);
    }
}
