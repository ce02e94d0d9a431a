//! An instance that is announced.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::Builder;

use admin_runtime::log_queue;
use admin_runtime::periodic::OwnedThread;
use admin_runtime::text::one_line;
use admin_runtime::thread_names::spawn_named;
use tokio::runtime;
use tokio::time::timeout;

use super::sender::AnnouncementSender;
use crate::fleet::limits::DEREGISTER_TIMEOUT;

/// Keeps the instance registered. Dropping it removes the instance from the directory and waits for the
/// answer, at most for 2 s.
///
/// ```
/// use admin_endpoints::fleet::RunningAnnouncement;
///
/// fn stop(announcement: RunningAnnouncement) {
///     println!("{} is no longer announced", announcement.name());
/// }
/// ```
#[derive(Debug)]
#[must_use = "the instance is removed when this is dropped"]
pub struct RunningAnnouncement {
    sender: Arc<AnnouncementSender>,
    thread: Option<OwnedThread>,
    /// The process that started it: a forked child has a copy.
    process: u32,
}

impl RunningAnnouncement {
    pub(super) fn new(sender: Arc<AnnouncementSender>, thread: OwnedThread) -> Self {
        Self {
            sender,
            thread: Some(thread),
            process: std::process::id(),
        }
    }

    /// The name that is announced.
    #[must_use]
    pub fn name(&self) -> &str {
        self.sender.name.as_str()
    }
}

impl Drop for RunningAnnouncement {
    fn drop(&mut self) {
        if std::process::id() != self.process {
            return std::mem::forget(self.thread.take());
        }
        drop(self.thread.take());
        let sender = Arc::clone(&self.sender);
        // A thread of its own: the caller may be inside a runtime, which may not wait.
        let thread = spawn_named(Builder::new(), "fleet-removal", move || {
            let removed = deregister(&sender);
            // One that was never registered is not listed.
            if let Err(error) = removed
                && sender.is_registered.load(Ordering::Relaxed)
            {
                let (name, error) = (sender.name.to_string(), one_line(error));
                log_queue::emit(move || {
                    tracing::warn!(
                        name,
                        error,
                        "the instance is not removed from the directory: when its lease ends, it is listed as \
                         one that is down"
                    );
                });
            }
        });
        if let Ok(thread) = thread {
            let _ = thread.join(); // its panic was printed by the hook
        }
    }
}

fn deregister(sender: &AnnouncementSender) -> Result<(), String> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let removed = async { timeout(DEREGISTER_TIMEOUT, sender.deregister()).await };
    let removed = runtime.block_on(removed);
    // A lookup of a name may still wait.
    runtime.shutdown_background();
    removed.unwrap_or_else(|_| Err(format!("timed out after {DEREGISTER_TIMEOUT:?}")))
}
