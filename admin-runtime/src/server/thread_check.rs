//! Whether the system gives a server the threads that it needs.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, Builder};
use std::time::Duration;

use crate::sync::lock;
use crate::thread_names::current_tid;

/// How often a thread that was joined is looked for.
const EXIT_CHECKS: u32 = 300;

/// Looks without a pause: the thread mostly ends within microseconds, and a start takes few
/// milliseconds.
const CHECKS_WITHOUT_PAUSE: u32 = 100;

/// The pause between two looks after those.
const EXIT_CHECK_PAUSE: Duration = Duration::from_millis(1);

/// Starts that many threads at once and ends them again.
///
/// A tokio runtime panics if its first thread cannot be started; with `panic = "abort"` that ends
/// the process.
pub(super) fn check_threads(count: usize) -> io::Result<()> {
    let gate = Arc::new(Mutex::new(()));
    let closed = lock(&gate);
    let mut threads = Vec::with_capacity(count);
    let mut checked = Ok(());
    for _ in 0..count {
        let gate = Arc::clone(&gate);
        let body = move || {
            drop(lock(&gate));
            current_tid()
        };
        match Builder::new().name("admin-check".to_owned()).spawn(body) {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                checked = Err(error);
                break;
            }
        }
    }
    drop(closed);
    for thread in threads {
        if let Ok(Some(tid)) = thread.join() {
            wait_for_exit(tid);
        }
    }
    checked
}

/// The kernel counts a thread for a moment after it was joined.
fn wait_for_exit(tid: u64) {
    let task = format!("/proc/self/task/{tid}");
    for check in 0..EXIT_CHECKS {
        if !Path::new(&task).exists() {
            return;
        }
        if check < CHECKS_WITHOUT_PAUSE {
            thread::yield_now();
        } else {
            thread::sleep(EXIT_CHECK_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_threads_are_gone() {
        assert!(check_threads(3).is_ok());
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names =
            tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        assert_eq!(names.filter(|name| name.trim() == "admin-check").count(), 0);
    }
}
