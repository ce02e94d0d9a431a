//! The thread that reads files of credentials again: tokens, certificates, keys.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use metrics::{counter, describe_counter};

use super::token_file::{Reload, TokenFile};
#[cfg(feature = "tls")]
use crate::clock::Clock;
#[cfg(feature = "tls")]
use crate::listener::{TlsFiles, TlsReload};
use crate::log_queue;
use crate::sync::lock;
use crate::text::one_line;

/// How often the content of each file is compared.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// How long new content has to stay the same.
const SETTLE_TIME: Duration = Duration::from_secs(1);

const FAILURES: &str = "admin_credentials_reload_failures_total";

/// The files of one server.
pub(super) struct WatchedCredentials {
    pub(super) tokens: Arc<Mutex<Vec<TokenFile>>>,
    #[cfg(feature = "tls")]
    pub(super) tls: Vec<TlsFiles>,
}

/// Ends the thread when dropped; it is not joined, because a read may be blocked.
#[derive(Debug)]
pub(super) struct CredentialsReload {
    _stop: Sender<()>,
}

impl CredentialsReload {
    /// Starts the thread if there is a file.
    ///
    /// # Errors
    ///
    /// If the system has no thread.
    pub(super) fn start(mut watched: WatchedCredentials) -> io::Result<Option<Self>> {
        if watched.is_empty() {
            return Ok(None);
        }
        describe_counter!(
            FAILURES,
            "How often new content of a file of credentials could not be used"
        );
        counter!(FAILURES).increment(0); // so that the first failure is seen as an increase
        watched.warn_about_ended_certificates();
        let (stop, stopped) = channel();
        thread::Builder::new()
            .name("admin-reload".to_owned())
            .spawn(move || run(watched, &stopped))?;
        Ok(Some(Self { _stop: stop }))
    }
}

fn run(mut watched: WatchedCredentials, stopped: &Receiver<()>) {
    let mut wait = CHECK_INTERVAL;
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        wait = if watched.reload() {
            SETTLE_TIME
        } else {
            CHECK_INTERVAL
        };
    }
}

impl WatchedCredentials {
    fn is_empty(&self) -> bool {
        #[cfg(feature = "tls")]
        if !self.tls.is_empty() {
            return false;
        }
        lock(&self.tokens).is_empty()
    }

    /// Whether a file is changing now.
    fn reload(&mut self) -> bool {
        let mut is_changing = false;
        for file in lock(&self.tokens).iter_mut() {
            is_changing |= reload_tokens(file) == Reload::Changing;
        }
        #[cfg(feature = "tls")]
        for files in &mut self.tls {
            is_changing |= reload_tls(files) == TlsReload::Changing;
        }
        self.warn_about_ended_certificates();
        is_changing
    }

    #[cfg(not(feature = "tls"))]
    fn warn_about_ended_certificates(&mut self) {}

    /// The server starts and goes on nevertheless: the program matters more, and clients refuse the
    /// certificate anyway.
    #[cfg(feature = "tls")]
    fn warn_about_ended_certificates(&mut self) {
        let now = Clock::system().wall();
        let now = now.duration_since(std::time::UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs();
        for files in &mut self.tls {
            if files.has_newly_ended(seconds) {
                let listener = one_line(files.listener());
                log_queue::emit(move || {
                    tracing::warn!(listener, "the certificate has ended: clients refuse it");
                });
            }
        }
    }
}

fn reload_tokens(file: &mut TokenFile) -> Reload {
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

#[cfg(feature = "tls")]
fn reload_tls(files: &mut TlsFiles) -> TlsReload {
    let outcome = files.reload();
    let listener = one_line(files.listener());
    match &outcome {
        TlsReload::Unchanged | TlsReload::Changing => {}
        TlsReload::Replaced => {
            log_queue::emit(move || tracing::info!(listener, "certificates replaced"));
        }
        TlsReload::Refused(reason) => {
            counter!(FAILURES).increment(1);
            let reason = one_line(reason);
            log_queue::emit(move || {
                tracing::warn!(
                    listener,
                    reason,
                    "new certificates not used, the old ones stay"
                );
            });
        }
    }
    outcome
}
