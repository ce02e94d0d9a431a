//! How a script ended, as the client reads it.

use admin_runtime::AdminError;

use super::child::{ExitStatus, PANIC_EXIT_CODE};
use super::limits::{ExceededLimit, ScriptLimits};
use super::sandbox_error::{SandboxError, unavailable};
use super::wire::ScriptEnd;

/// The answer to a script that sets no `result`.
const NO_RESULT: &str = "Script executed successfully";

/// How a script ended, as the server sees it.
#[derive(Debug)]
pub(super) enum ScriptOutcome {
    Finished(String),
    Raised(String),
    LimitExceeded(ExceededLimit),
    /// The engine panicked on this script.
    EngineFailed,
    SandboxFailed(SandboxError),
}

/// What the route answers.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum ScriptAnswer {
    Text(String),
    /// What follows `Error executing script: `.
    Error(String),
}

impl From<ScriptEnd> for ScriptOutcome {
    fn from(end: ScriptEnd) -> Self {
        match end {
            ScriptEnd::Finished(Some(text)) => Self::Finished(text),
            ScriptEnd::Finished(None) => Self::Finished(NO_RESULT.to_owned()),
            ScriptEnd::Raised(message) => Self::Raised(message),
            ScriptEnd::LimitExceeded(limit) => Self::LimitExceeded(limit),
            ScriptEnd::EngineFailed => Self::EngineFailed,
        }
    }
}

/// The limit that ended a worker which could not report it.
impl From<ExitStatus> for ScriptOutcome {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Signal(libc::SIGXCPU) => Self::LimitExceeded(ExceededLimit::Cpu),
            // A failed allocation aborts.
            ExitStatus::Signal(libc::SIGABRT) => Self::LimitExceeded(ExceededLimit::Memory),
            ExitStatus::Signal(libc::SIGSEGV | libc::SIGBUS) => {
                Self::LimitExceeded(ExceededLimit::Stack)
            }
            ExitStatus::Code(PANIC_EXIT_CODE) => Self::EngineFailed,
            status => Self::SandboxFailed(SandboxError::WorkerEnded(status)),
        }
    }
}

impl ScriptOutcome {
    /// The answer of the route.
    ///
    /// # Errors
    ///
    /// 503 with the cause where the sandbox failed.
    pub(super) fn answer(self, limits: &ScriptLimits) -> Result<ScriptAnswer, AdminError> {
        Ok(match self {
            Self::Finished(text) => ScriptAnswer::Text(text),
            Self::Raised(message) => ScriptAnswer::Error(message),
            Self::LimitExceeded(limit) => ScriptAnswer::Error(limit.message(limits)),
            Self::EngineFailed => {
                ScriptAnswer::Error("the engine failed on this script".to_owned())
            }
            Self::SandboxFailed(error) => return Err(unavailable(error.to_string())),
        })
    }

    /// Why the sandbox failed, if it did.
    pub(super) fn into_failure(self) -> Option<SandboxError> {
        match self {
            Self::SandboxFailed(error) => Some(error),
            _ => None,
        }
    }

    /// The outcome in the audit line.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Finished(_) => "finished",
            Self::Raised(_) => "raised",
            Self::LimitExceeded(ExceededLimit::Source) => "source limit",
            Self::LimitExceeded(ExceededLimit::Wall) => "time limit",
            Self::LimitExceeded(ExceededLimit::Cpu) => "CPU limit",
            Self::LimitExceeded(ExceededLimit::Memory) => "memory limit",
            Self::LimitExceeded(ExceededLimit::Stack) => "nesting limit",
            Self::LimitExceeded(ExceededLimit::Result) => "result limit",
            Self::LimitExceeded(ExceededLimit::Output) => "output limit",
            Self::LimitExceeded(ExceededLimit::Lookups) => "lookup limit",
            Self::EngineFailed => "engine failed",
            Self::SandboxFailed(_) => "sandbox failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn death_of_a_worker_names_the_limit() {
        let limits = ScriptLimits::default();
        let cases = [
            (libc::SIGXCPU, "CPU time limit of 2 s exceeded"),
            (libc::SIGABRT, "memory limit of 64 MiB exceeded"),
            (
                libc::SIGSEGV,
                "nesting limit of the sandbox's stack exceeded",
            ),
        ];
        for (signal, message) in cases {
            let answer = ScriptOutcome::from(ExitStatus::Signal(signal)).answer(&limits);
            assert_eq!(answer.unwrap(), ScriptAnswer::Error(message.to_owned()));
        }
    }

    #[test]
    fn killed_worker_is_not_a_limit() {
        let limits = ScriptLimits::default();
        for status in [ExitStatus::Signal(libc::SIGKILL), ExitStatus::Code(0)] {
            let error = ScriptOutcome::from(status).answer(&limits).unwrap_err();
            assert_eq!(error.status().as_u16(), 503);
        }
    }

    #[test]
    fn missing_result_has_its_own_text() {
        let limits = ScriptLimits::default();
        for (text, expected) in [
            (None, "Script executed successfully"),
            (Some("None".to_owned()), "None"),
        ] {
            let answer = ScriptOutcome::from(ScriptEnd::Finished(text)).answer(&limits);
            assert_eq!(answer.unwrap(), ScriptAnswer::Text(expected.to_owned()));
        }
    }
}
