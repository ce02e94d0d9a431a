//! The thread that reads files of credentials again: tokens, certificates, keys.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use metrics::{counter, describe_counter};

use super::start_warnings::{warn_about_readable_file, warn_about_short_secrets};
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
    /// Whether other machines reach a listener.
    pub(super) is_beyond_loopback: bool,
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
        watched.warn_about_readable_files();
        watched.warn_about_certificates();
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

    fn warn_about_readable_files(&self) {
        for file in lock(&self.tokens).iter() {
            warn_about_readable_file(file.path());
        }
        #[cfg(feature = "tls")]
        for files in &self.tls {
            warn_about_readable_file(files.key());
        }
    }

    /// Whether a file is changing now.
    fn reload(&mut self) -> bool {
        let mut is_changing = false;
        for file in lock(&self.tokens).iter_mut() {
            let reload = reload_tokens(file);
            is_changing |= reload == Reload::Changing;
            if self.is_beyond_loopback && matches!(reload, Reload::Replaced(_)) {
                warn_about_short_secrets(&file.list().tokens_to_guess());
            }
        }
        #[cfg(feature = "tls")]
        for files in &mut self.tls {
            is_changing |= reload_tls(files) == TlsReload::Changing;
        }
        self.warn_about_certificates();
        is_changing
    }

    #[cfg(not(feature = "tls"))]
    fn warn_about_certificates(&mut self) {}

    /// The server starts and goes on nevertheless: the program matters more, and clients refuse the
    /// certificate anyway.
    #[cfg(feature = "tls")]
    fn warn_about_certificates(&mut self) {
        for files in &mut self.tls {
            for warning in files.new_warnings(unix_seconds()) {
                let listener = one_line(files.listener());
                log_queue::emit(move || tracing::warn!(listener, "{warning}"));
            }
        }
    }
}

#[cfg(feature = "tls")]
fn unix_seconds() -> i64 {
    let now = Clock::system().wall();
    let now = now.duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
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
    let outcome = files.reload(unix_seconds());
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
