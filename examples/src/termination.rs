//! Signals that end a program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

/// Waits for SIGTERM or Ctrl-C (SIGINT).
///
/// The main thread of these programs runs no async runtime, so the signals come through
/// `signal-hook` and not through tokio.
#[derive(Debug)]
#[must_use = "the signals are caught, but nothing waits for them"]
pub struct Termination {
    signals: Signals,
    /// Whether the next signal ends the process.
    asked: Arc<AtomicBool>,
}

const SIGNALS: [i32; 2] = [SIGTERM, SIGINT];

/// Exit status after a second signal, which ends the process without a clean shutdown.
const FORCED_EXIT_STATUS: i32 = 1;

impl Termination {
    /// Catches the signals from now on. Call it before anything that needs a clean shutdown starts.
    ///
    /// # Errors
    ///
    /// If the operating system refuses the handlers.
    pub fn catch() -> io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in SIGNALS {
            // In this order the first signal only sets the flag and the second ends the process.
            flag::register_conditional_shutdown(signal, FORCED_EXIT_STATUS, Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        let signals = Signals::new(SIGNALS)?;
        Ok(Self { signals, asked })
    }

    /// Blocks until the first signal since [`catch`](Self::catch).
    pub fn wait(mut self) {
        if let Some(signal) = self.signals.forever().next() {
            let signal = signal_name(signal).unwrap_or("a signal");
            tracing::info!(signal, "ending; a second signal ends at once");
        }
    }
}

impl Drop for Termination {
    /// Nothing waits for signals any more: the next one ends the process, even if it is blocked.
    fn drop(&mut self) {
        self.asked.store(true, Ordering::SeqCst);
    }
}
