//! Failures of the sandbox, as opposed to errors of the script.

use std::fmt::{self, Display, Formatter};
use std::io;

use admin_runtime::{AdminError, HeaderValue, header};

use super::child::ExitStatus;
use super::setup_failure::SetupFailure;

/// The value of `Retry-After`, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// A failure of the sandbox itself. Each cause has its own text, for the client and the log.
#[derive(Debug)]
pub(super) enum SandboxError {
    /// The system did not provide something, such as a socket or a thread.
    NotProvided {
        what: &'static str,
        error: io::Error,
    },
    /// The zygote could not prepare itself.
    ZygoteSetup(SetupFailure),
    /// The zygote ended before it was ready; its exit status, if it is known.
    ZygoteEnded(Option<ExitStatus>),
    /// The zygote did not respond in time.
    ZygoteTimeout,
    /// The zygote could not fork.
    Fork(io::Error),
    /// The worker could not isolate itself.
    WorkerSetup(SetupFailure),
    /// The worker ended without a report.
    WorkerEnded(ExitStatus),
    /// The worker and the zygote ended, so that the exit status of the worker is not known.
    WorkerLost,
    /// The worker sent bytes that are not a message.
    InvalidMessage,
    /// The worker was not started before the time limit of the script.
    StartTimeout,
    /// A thread of the server panicked.
    ServerThread,
}

impl SandboxError {
    /// For `map_err` on calls that fail if the system is out of a resource.
    pub(super) fn not_provided(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::NotProvided { what, error }
    }
}

impl Display for SandboxError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotProvided { what, error } => {
                write!(
                    f,
                    "The script sandbox could not be started: no {what}: {error}"
                )
            }
            Self::ZygoteSetup(failure) => {
                write!(f, "The script sandbox could not be started: {failure}")
            }
            Self::ZygoteEnded(Some(status)) => write!(
                f,
                "The script sandbox could not be started: its process ended early ({status})"
            ),
            Self::ZygoteEnded(None) => {
                f.write_str("The script sandbox could not be started: its process ended early")
            }
            Self::ZygoteTimeout => f.write_str(
                "The script sandbox did not respond in time: the machine may be overloaded",
            ),
            Self::Fork(error) => write!(f, "No process for the script: {error}"),
            Self::WorkerSetup(failure) => write!(f, "The script was not isolated: {failure}"),
            Self::WorkerEnded(ExitStatus::Signal(libc::SIGKILL)) => f.write_str(
                "The process of the script was killed: the machine or the container ran out of \
                 memory, or another process sent SIGKILL",
            ),
            Self::WorkerEnded(status) => {
                write!(
                    f,
                    "The process of the script ended without a report ({status})"
                )
            }
            Self::WorkerLost => f.write_str(
                "The process of the script ended with the process that it was forked from",
            ),
            Self::InvalidMessage => {
                f.write_str("The process of the script sent an invalid message")
            }
            Self::StartTimeout => f.write_str(
                "The script was not started within its time limit: the machine may be overloaded",
            ),
            Self::ServerThread => f.write_str("The thread that supervised the script failed"),
        }
    }
}

impl std::error::Error for SandboxError {}

/// 503: the next attempt may succeed.
pub(super) fn unavailable(message: String) -> AdminError {
    AdminError::unavailable(message).with_header(header::RETRY_AFTER, RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_text() {
        let out_of_files = || io::Error::from_raw_os_error(libc::EMFILE);
        let texts = [
            SandboxError::not_provided("socket")(out_of_files()),
            SandboxError::Fork(io::Error::from_raw_os_error(libc::EAGAIN)),
            SandboxError::ZygoteEnded(Some(ExitStatus::Code(2))),
            SandboxError::ZygoteEnded(None),
            SandboxError::ZygoteTimeout,
            SandboxError::WorkerEnded(ExitStatus::Signal(libc::SIGKILL)),
            SandboxError::WorkerEnded(ExitStatus::Signal(libc::SIGSYS)),
            SandboxError::WorkerLost,
            SandboxError::InvalidMessage,
            SandboxError::StartTimeout,
            SandboxError::ServerThread,
        ]
        .map(|error| error.to_string());
        for (at, text) in texts.iter().enumerate() {
            assert!(!texts[at + 1..].contains(text), "{text} is there twice");
        }
        assert_eq!(
            texts[0],
            "The script sandbox could not be started: no socket: Too many open files (os error 24)"
        );
    }
}
