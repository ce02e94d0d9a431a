//! Whether the threads of the user runtime are blocked, for the index and the metrics.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use metrics::Label;

use crate::log_queue;
use crate::registry::UserRuntimeStatus;

const BLOCKED_METRIC: &str = "admin_user_runtime_blocked";

const THREADS_METRIC: &str = "admin_user_runtime_threads";

/// What is known of the user runtime of one server.
#[derive(Debug, Default)]
pub(crate) struct UserRuntimeState {
    server: Option<String>,
    is_blocked: AtomicBool,
    threads: AtomicUsize,
}

impl UserRuntimeState {
    pub(crate) fn new(server: Option<String>) -> Self {
        Self {
            server,
            ..Self::default()
        }
    }

    /// The name of the server that it belongs to.
    pub(crate) fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// `None` until the server starts.
    pub(crate) fn status(&self) -> Option<UserRuntimeStatus> {
        let threads = self.threads.load(Ordering::Relaxed);
        let blocked = self.is_blocked.load(Ordering::Relaxed);
        (threads > 0).then(|| UserRuntimeStatus::new(blocked, threads))
    }

    /// Takes over what was found, and reports a change.
    pub(super) fn set(&self, found: UserRuntimeStatus) {
        let before = self.status();
        if before == Some(found) {
            return;
        }
        let UserRuntimeStatus {
            blocked, threads, ..
        } = found;
        self.is_blocked.store(blocked, Ordering::Relaxed);
        self.threads.store(threads, Ordering::Relaxed);
        self.record(found);
        let was_blocked = before.is_some_and(|status| status.blocked);
        if blocked != was_blocked {
            log_queue::emit(move || {
                if blocked {
                    tracing::warn!(
                        threads,
                        "async handlers block the threads of the user runtime: use `spawn_blocking` or a handler that is not async"
                    );
                } else {
                    tracing::info!(threads, "the threads of the user runtime are free again");
                }
            });
        }
    }

    fn record(&self, status: UserRuntimeStatus) {
        let server = self.server.clone();
        let labels: Vec<_> = server
            .map(|server| Label::new("server", server))
            .into_iter()
            .collect();
        metrics::gauge!(BLOCKED_METRIC, labels.clone()).set(f64::from(u8::from(status.blocked)));
        metrics::gauge!(THREADS_METRIC, labels).set(status.threads as f64);
    }
}

/// Tells the recorder what the gauges mean.
pub(crate) fn describe() {
    metrics::describe_gauge!(
        BLOCKED_METRIC,
        "1 if async handlers block all threads of a user runtime, otherwise 0"
    );
    metrics::describe_gauge!(
        THREADS_METRIC,
        "Threads that run async handlers of the application"
    );
}
