//! Why there is no profile.

use std::fmt;
use std::io;

use super::settings::MAX_SESSIONS;

/// Why a profile could not be begun.
#[derive(Debug)]
pub(super) enum ProfileError {
    /// Not Linux on x86-64 or aarch64.
    #[cfg_attr(
        all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        ),
        expect(dead_code, reason = "constructed on other systems")
    )]
    Unsupported,
    /// As many profiles as are allowed are being made.
    TooManySessions,
    ThreadNotStarted(io::Error),
    NoMemory(io::Error),
    /// `/proc/self/task` or `/proc/self/maps`.
    TaskFiles(io::Error),
    /// The application has a handler for every real-time signal, or `sigaction` failed.
    NoSignal,
    /// A defect; the log has the panic.
    Internal,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported => {
                f.write_str("profiles are available on Linux on x86-64 and aarch64 only")
            }
            Self::TooManySessions => write!(
                f,
                "{} profiles are being made already; try again when one has ended",
                MAX_SESSIONS
            ),
            Self::ThreadNotStarted(error) => write!(
                f,
                "the thread that collects samples could not be started: {error}; the process has \
                 reached a limit of threads or of memory"
            ),
            Self::NoMemory(error) => write!(
                f,
                "the kernel gives the process no memory for copies of stacks: {error}"
            ),
            Self::TaskFiles(error) => write!(
                f,
                "the files in /proc/self could not be read: {error}; profiles need a mounted \
                 /proc and free file descriptors (ulimit -n)"
            ),
            Self::NoSignal => f.write_str(
                "no real-time signal is free for the timers of a profile: the program has \
                 handlers for all of them, or ignores them",
            ),
            Self::Internal => f.write_str("the profile failed"),
        }
    }
}

impl std::error::Error for ProfileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ThreadNotStarted(error) | Self::NoMemory(error) | Self::TaskFiles(error) => {
                Some(error)
            }
            Self::Unsupported | Self::TooManySessions | Self::NoSignal | Self::Internal => None,
        }
    }
}
