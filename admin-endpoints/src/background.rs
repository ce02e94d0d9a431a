//! Threads of this crate whose end can be awaited.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

use admin_runtime::thread_names::spawn_named;

/// How long a stop waits for a thread, which may be blocked by the program.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// A thread that ends when it is told to, by other means.
#[derive(Debug)]
pub(crate) struct BackgroundThread {
    thread: JoinHandle<()>,
    /// Disconnected when the body has returned.
    end: Receiver<()>,
}

impl BackgroundThread {
    /// Starts a thread.
    ///
    /// # Errors
    ///
    /// When the system has no thread.
    pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (running, end) = sync_channel(0);
        let thread = spawn_named(Builder::new(), name, move || {
            let _running = running;
            body();
        })?;
        Ok(Self { thread, end })
    }

    /// Waits until the thread has ended, at most for a second; a blocked thread continues by itself.
    pub(crate) fn join(self) {
        if self.thread.thread().id() == thread::current().id() {
            return;
        }
        if self.end.recv_timeout(STOP_TIMEOUT) == Err(RecvTimeoutError::Disconnected) {
            let _ = self.thread.join(); // its panic was printed by the hook
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn join_waits_for_the_end() {
        let (sender, receiver) = channel();
        let thread = BackgroundThread::spawn("joined", move || sender.send(7).unwrap()).unwrap();
        thread.join();
        assert_eq!(receiver.try_recv(), Ok(7));
    }

    #[test]
    fn join_does_not_wait_for_blocked_threads() {
        let (unblock, blocked) = channel::<()>();
        let body = move || assert!(blocked.recv().is_err());
        BackgroundThread::spawn("blocked", body).unwrap().join();
        drop(unblock);
    }
}
