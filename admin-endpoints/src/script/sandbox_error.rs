//! Failures of the sandbox, as opposed to errors of the script.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::PathBuf;

use admin_runtime::{AdminError, HeaderValue, header};

use super::child::ExitStatus;
use super::interpreter_file::InterpreterError;
use super::setup_failure::{SetupFailure, SetupStep};

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
    /// There is no interpreter to run.
    Interpreter(InterpreterError),
    /// The interpreter is of a version that cannot run scripts.
    UnsupportedVersion { path: PathBuf, version: String },
    /// The interpreter lacks a module that the sandbox needs.
    MissingModule { path: PathBuf, module: String },
    /// The interpreter ended before it was ready.
    InterpreterEnded {
        path: PathBuf,
        status: Option<ExitStatus>,
    },
    /// The interpreter was replaced since the last script, and the new one does not start.
    ReplacedInterpreter(Box<Self>),
    /// These layers of the isolation do not work, and are required.
    WeakerIsolation(Vec<&'static str>),
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
            Self::NotProvided { what, error } if error.kind() == io::ErrorKind::NotFound => {
                write!(
                    f,
                    "The script sandbox could not be started: no {what}: scripts need a mounted \
                     /proc with /proc/self/exe ({error})"
                )
            }
            Self::NotProvided { what, error } => {
                write!(
                    f,
                    "The script sandbox could not be started: no {what}: {error}"
                )
            }
            Self::ZygoteSetup(failure) => {
                write!(f, "The script sandbox could not be started: {failure}")
            }
            Self::ZygoteEnded(Some(ExitStatus::Signal(libc::SIGSYS))) => f.write_str(
                "The script sandbox could not be started: a seccomp filter of the host ended its \
                 process, because it needs a system call that the filter forbids",
            ),
            Self::ZygoteEnded(Some(ExitStatus::Code(code)))
                if let Some(step) = SetupStep::from_exit_code(*code) =>
            {
                let failure = SetupFailure { step, errno: None };
                write!(f, "The script sandbox could not be started: {failure}")
            }
            Self::ZygoteEnded(Some(status)) => write!(
                f,
                "The script sandbox could not be started: its process ended early ({status})"
            ),
            Self::ZygoteEnded(None) => {
                f.write_str("The script sandbox could not be started: its process ended early")
            }
            Self::Interpreter(error) => error.fmt(f),
            Self::UnsupportedVersion { path, version } => write!(
                f,
                "The interpreter {} cannot be used: it is Python {version}, and scripts need \
                 CPython 3.9 to 3.14",
                path.display()
            ),
            Self::MissingModule { path, module } => write!(
                f,
                "The interpreter {} cannot be used: it has no module '{module}', which the \
                 sandbox needs",
                path.display()
            ),
            Self::InterpreterEnded { path, status } => {
                let path = path.display();
                write!(
                    f,
                    "The interpreter {path} cannot be used: it ended before it was ready"
                )?;
                match status {
                    Some(status) => write!(f, " ({status})"),
                    None => Ok(()),
                }
            }
            Self::ReplacedInterpreter(error) => write!(
                f,
                "The interpreter was replaced while this program runs, and the new one does not \
                 start. {error}"
            ),
            Self::WeakerIsolation(layers) => write!(
                f,
                "The script was not run: the kernel or the container does not permit these \
                 isolation layers: {}. To run scripts without them, configure \
                 `ScriptConfig::allow_weaker_isolation`",
                layers.join(", ")
            ),
            Self::ZygoteTimeout => f.write_str(
                "The script sandbox did not respond in time: the machine may be overloaded",
            ),
            Self::Fork(error) => write!(f, "Cannot create a process for the script: {error}"),
            Self::WorkerSetup(failure) => write!(f, "The script was not isolated: {failure}"),
            Self::WorkerEnded(ExitStatus::Signal(libc::SIGKILL)) => f.write_str(
                "The process of the script was killed: the machine or the container ran out of \
                 memory, or another process sent SIGKILL",
            ),
            Self::WorkerEnded(ExitStatus::Signal(libc::SIGABRT)) => {
                f.write_str("The process of the script ended because another process sent SIGABRT")
            }
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
        let path = || PathBuf::from("/usr/bin/python3");
        let out_of_files = || io::Error::from_raw_os_error(libc::EMFILE);
        let texts = [
            SandboxError::not_provided("socket")(out_of_files()),
            SandboxError::Fork(io::Error::from_raw_os_error(libc::EAGAIN)),
            SandboxError::ZygoteEnded(Some(ExitStatus::Code(2))),
            SandboxError::ZygoteEnded(None),
            SandboxError::Interpreter(InterpreterError::IsScript(path())),
            SandboxError::Interpreter(InterpreterError::NotExecutable(path())),
            SandboxError::Interpreter(InterpreterError::NotFound(path(), out_of_files())),
            SandboxError::UnsupportedVersion {
                path: path(),
                version: "3.8.1".to_owned(),
            },
            SandboxError::MissingModule {
                path: path(),
                module: "ctypes".to_owned(),
            },
            SandboxError::InterpreterEnded {
                path: path(),
                status: None,
            },
            SandboxError::ReplacedInterpreter(Box::new(SandboxError::ZygoteTimeout)),
            SandboxError::WeakerIsolation(vec!["seccomp"]),
            SandboxError::ZygoteEnded(Some(ExitStatus::Signal(libc::SIGSYS))),
            SandboxError::ZygoteEnded(Some(ExitStatus::Code(
                SetupStep::CloseDescriptors.exit_code(),
            ))),
            SandboxError::not_provided("process")(io::Error::from_raw_os_error(libc::ENOENT)),
            SandboxError::ZygoteTimeout,
            SandboxError::WorkerEnded(ExitStatus::Signal(libc::SIGKILL)),
            SandboxError::WorkerEnded(ExitStatus::Signal(libc::SIGABRT)),
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
