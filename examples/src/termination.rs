//! Signals that end a program.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

/// Waits for SIGTERM, Ctrl-C (SIGINT) or the end of the terminal (SIGHUP), unless `nohup` has that ignored.
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

const SIGNALS: [i32; 3] = [SIGTERM, SIGINT, SIGHUP];

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
        let status = fs::read_to_string("/proc/self/status")?;
        let signals = SIGNALS.into_iter();
        let signals = signals.filter(|signal| *signal != SIGHUP || !is_ignored(&status, SIGHUP));
        let signals: Vec<_> = signals.collect();
        for signal in signals.iter().copied() {
            // In this order the first signal only sets the flag and the second ends the process.
            flag::register_conditional_shutdown(signal, FORCED_EXIT_STATUS, Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        let signals = Signals::new(signals)?;
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

/// Whether `/proc/self/status` says that a signal is ignored.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

impl Drop for Termination {
    /// Nothing waits for signals any more: the next one ends the process, even if it is blocked.
    fn drop(&mut self) {
        self.asked.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_in_the_mask() {
        let status = "Name:\tworker\nSigBlk:\t0000000000000003\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(status, SIGHUP));
        assert!(!is_ignored(status, SIGINT));
        assert!(!is_ignored("", SIGHUP));
    }
}
