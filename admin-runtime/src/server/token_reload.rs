//! The thread that reads files of tokens again.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use metrics::{counter, describe_counter};

use super::token_file::{Reload, TokenFile};
use crate::log_queue;
use crate::sync::lock;
use crate::text::one_line;

/// How often the content of each file is compared. Kubernetes replaces links, and network file systems
/// send no events.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// How long new content has to stay the same.
const SETTLE_TIME: Duration = Duration::from_secs(1);

const FAILURES: &str = "admin_credentials_reload_failures_total";

/// Ends the thread when dropped; it is not joined, because a read may be blocked.
#[derive(Debug)]
pub(super) struct TokenReload {
    _stop: Sender<()>,
}

impl TokenReload {
    /// Starts the thread if there is a file.
    ///
    /// # Errors
    ///
    /// If the system has no thread.
    pub(super) fn start(files: &Arc<Mutex<Vec<TokenFile>>>) -> io::Result<Option<Self>> {
        if lock(files).is_empty() {
            return Ok(None);
        }
        describe_counter!(FAILURES, "Failed reloads of a file of credentials");
        let (stop, stopped) = channel();
        let files = Arc::clone(files);
        thread::Builder::new()
            .name("admin-reload".to_owned())
            .spawn(move || run(&files, &stopped))?;
        Ok(Some(Self { _stop: stop }))
    }
}

fn run(files: &Mutex<Vec<TokenFile>>, stopped: &Receiver<()>) {
    let mut wait = CHECK_INTERVAL;
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        wait = CHECK_INTERVAL;
        for file in lock(files).iter_mut() {
            if reload(file) == Reload::Changing {
                wait = SETTLE_TIME;
            }
        }
    }
}

fn reload(file: &mut TokenFile) -> Reload {
    let outcome = file.reload();
    let path = one_line(file.path().display());
    match &outcome {
        Reload::Unchanged | Reload::Changing => {}
        Reload::Replaced(tokens) => {
            let tokens = *tokens;
            log_queue::emit(move || tracing::info!(path, tokens, "file of tokens replaced"));
        }
        Reload::Refused(reason) => {
            counter!(FAILURES).increment(1);
            let reason = one_line(reason);
            log_queue::emit(move || {
                tracing::warn!(
                    path,
                    reason,
                    "token file rejected, the previous tokens stay in use"
                );
            });
        }
    }
    outcome
}
