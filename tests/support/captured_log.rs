//! A writer for log events that keeps them in memory.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Longest wait for a line.
const LINE_TIMEOUT: Duration = Duration::from_secs(60);

/// What a subscriber has written; all clones share it.
///
/// A closure that clones it is a writer of `tracing-subscriber`.
#[derive(Clone, Debug, Default)]
pub struct CapturedLog(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl CapturedLog {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was written.
    ///
    /// # Panics
    ///
    /// If that is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.lock().clone()).expect("UTF-8")
    }

    /// What was written since the last call.
    ///
    /// # Panics
    ///
    /// If that is not UTF-8.
    #[must_use]
    pub fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.lock())).expect("UTF-8")
    }

    /// The first line that has all parts, as soon as it is written.
    ///
    /// # Panics
    ///
    /// If it is not written within a minute.
    #[track_caller]
    pub fn wait_for_line(&self, parts: &[&str]) -> String {
        let find = |written: &[u8]| {
            let text = String::from_utf8_lossy(written);
            let mut lines = text.lines();
            let line = lines.find(|line| parts.iter().all(|part| line.contains(part)));
            line.map(str::to_owned)
        };
        let (written, _) = self
            .0
            .1
            .wait_timeout_while(self.lock(), LINE_TIMEOUT, |written| find(written).is_none())
            .unwrap_or_else(PoisonError::into_inner);
        find(&written).unwrap_or_else(|| panic!("no line with {parts:?}"))
    }
}

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        self.0.1.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
