//! How a script ended, as the client reads it.

use admin_runtime::AdminError;
use bytes::Bytes;

use super::child::{ALLOCATION_EXIT_CODE, ExitStatus, PANIC_EXIT_CODE};
use super::engine_setting::Engine;
use super::limits::{ExceededLimit, ScriptLimits};
use super::memory_return::detached;
use super::sandbox_error::{SandboxError, unavailable};
use super::wire::ScriptEnd;

/// The answer to a script that sets no `result`.
const NO_RESULT: &str = "Script executed successfully";

/// How a script ended, as the server sees it.
#[derive(Debug)]
pub(super) enum ScriptOutcome {
    Finished(Bytes),
    Raised(Bytes),
    LimitExceeded(ExceededLimit),
    /// The engine panicked or crashed on this script.
    EngineFailed,
    /// The script ended its own process.
    Exited(i32),
    SandboxFailed(SandboxError),
}

/// What the route answers.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum ScriptAnswer {
    Text(Bytes),
    /// What follows `Error executing script: `.
    Error(Bytes),
}

impl From<ScriptEnd> for ScriptOutcome {
    fn from(end: ScriptEnd) -> Self {
        match end {
            ScriptEnd::Finished(Some(text)) => Self::Finished(detached(text)),
            ScriptEnd::Finished(None) => Self::Finished(Bytes::from_static(NO_RESULT.as_bytes())),
            ScriptEnd::Raised(message) => Self::Raised(detached(message)),
            ScriptEnd::LimitExceeded(limit) => Self::LimitExceeded(limit),
            ScriptEnd::EngineFailed => Self::EngineFailed,
        }
    }
}

impl ScriptOutcome {
    /// What ended a worker which could not report it.
    pub(super) fn of_ended_worker(engine: &Engine, status: ExitStatus) -> Self {
        let is_embedded = engine.interpreter().is_none();
        match status {
            ExitStatus::Signal(libc::SIGXCPU) => Self::LimitExceeded(ExceededLimit::Cpu),
            // CPython answers a failed allocation with an exception, and has a nesting limit.
            ExitStatus::Signal(
                libc::SIGABRT
                | libc::SIGBUS
                | libc::SIGFPE
                | libc::SIGILL
                | libc::SIGSEGV
                | libc::SIGTRAP,
            ) if !is_embedded => Self::EngineFailed,
            ExitStatus::Code(code) if !is_embedded && code != PANIC_EXIT_CODE => Self::Exited(code),
            ExitStatus::Code(ALLOCATION_EXIT_CODE) => Self::LimitExceeded(ExceededLimit::Memory),
            ExitStatus::Signal(libc::SIGSEGV | libc::SIGBUS) => {
                Self::LimitExceeded(ExceededLimit::Stack)
            }
            ExitStatus::Code(PANIC_EXIT_CODE) => Self::EngineFailed,
            status => Self::SandboxFailed(SandboxError::WorkerEnded(status)),
        }
    }

    /// The answer of the route.
    ///
    /// # Errors
    ///
    /// 503 with the cause where the sandbox failed.
    pub(super) fn answer(self, limits: &ScriptLimits) -> Result<ScriptAnswer, AdminError> {
        Ok(match self {
            Self::Finished(text) => ScriptAnswer::Text(text),
            Self::Raised(message) => ScriptAnswer::Error(message),
            Self::LimitExceeded(limit) => ScriptAnswer::Error(limit.message(limits).into()),
            Self::EngineFailed => {
                ScriptAnswer::Error(Bytes::from_static(b"the engine failed on this script"))
            }
            Self::Exited(code) => {
                let message = format!("the script ended its own process with exit status {code}");
                ScriptAnswer::Error(message.into())
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
            Self::LimitExceeded(ExceededLimit::MatchSteps) => "regular expression limit",
            Self::EngineFailed => "engine failed",
            Self::Exited(_) => "exited",
            Self::SandboxFailed(_) => "sandbox failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_embedded(status: ExitStatus) -> ScriptOutcome {
        ScriptOutcome::of_ended_worker(&Engine::embedded(), status)
    }

    #[test]
    fn ends_of_cpython_are_told_apart() {
        let limits = ScriptLimits::default();
        let cpython = Engine::cpython("/usr/bin/python3");
        for (status, message) in [
            (
                ExitStatus::Signal(libc::SIGXCPU),
                "CPU time limit of 2 s exceeded",
            ),
            (
                ExitStatus::Signal(libc::SIGSEGV),
                "the engine failed on this script",
            ),
            (
                ExitStatus::Code(3),
                "the script ended its own process with exit status 3",
            ),
        ] {
            let answer = ScriptOutcome::of_ended_worker(&cpython, status).answer(&limits);
            assert_eq!(
                answer.unwrap(),
                ScriptAnswer::Error(message.to_owned().into())
            );
        }
        let killed = ExitStatus::Signal(libc::SIGKILL);
        let killed = ScriptOutcome::of_ended_worker(&cpython, killed).answer(&limits);
        assert_eq!(killed.unwrap_err().status().as_u16(), 503);
    }

    #[test]
    fn death_of_a_worker_names_the_limit() {
        let limits = ScriptLimits::default();
        let cases = [
            (
                ExitStatus::Signal(libc::SIGXCPU),
                "CPU time limit of 2 s exceeded",
            ),
            (
                ExitStatus::Code(ALLOCATION_EXIT_CODE),
                "memory limit of 64 MiB exceeded",
            ),
            (
                ExitStatus::Signal(libc::SIGSEGV),
                "nesting limit of the sandbox's stack exceeded",
            ),
        ];
        for (status, message) in cases {
            let answer = of_embedded(status).answer(&limits);
            assert_eq!(
                answer.unwrap(),
                ScriptAnswer::Error(message.to_owned().into())
            );
        }
    }

    #[test]
    fn killed_worker_is_not_a_limit() {
        let limits = ScriptLimits::default();
        for status in [
            ExitStatus::Signal(libc::SIGKILL),
            ExitStatus::Signal(libc::SIGABRT),
            ExitStatus::Code(0),
        ] {
            let error = of_embedded(status).answer(&limits).unwrap_err();
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
            assert_eq!(
                answer.unwrap(),
                ScriptAnswer::Text(expected.to_owned().into())
            );
        }
    }
}
