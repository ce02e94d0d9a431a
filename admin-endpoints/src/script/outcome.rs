//! How a script ended, as the client reads it.

use std::process::ExitStatus;

use super::{
    limits::{Exceeded, ScriptLimits},
    wire::ScriptEnd,
};

/// What a script that sets no `result` is answered.
const NO_RESULT: &str = "Script executed successfully";

/// How a script ended, seen from the server.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum ScriptOutcome {
    Finished(String),
    Raised(String),
    Exceeded(Exceeded),
    /// The child ended without an answer.
    SandboxFailure(SandboxFailure),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SandboxFailure {
    /// The engine panicked on this input.
    Engine,
    /// It could not be started, or it ended for no reason that is known.
    Sandbox,
}

impl From<ScriptEnd> for ScriptOutcome {
    fn from(ended: ScriptEnd) -> Self {
        match ended {
            ScriptEnd::Finished(Some(text)) => Self::Finished(text),
            ScriptEnd::Finished(None) => Self::Finished(NO_RESULT.to_owned()),
            ScriptEnd::Raised(message) => Self::Raised(message),
            ScriptEnd::Exceeded(exceeded) => Self::Exceeded(exceeded),
            ScriptEnd::Broken => Self::SandboxFailure(SandboxFailure::Engine),
        }
    }
}

impl ScriptOutcome {
    /// What a child died of.
    pub(super) fn of_death(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        match status.signal() {
            Some(libc::SIGXCPU) => Self::Exceeded(Exceeded::Cpu),
            // An allocation that fails aborts; the kernel's own way out of memory is SIGKILL.
            Some(libc::SIGABRT | libc::SIGKILL) => Self::Exceeded(Exceeded::Memory),
            Some(libc::SIGSEGV | libc::SIGBUS) => Self::Exceeded(Exceeded::Stack),
            _ => Self::SandboxFailure(SandboxFailure::Sandbox),
        }
    }

    /// The answer: what follows `Error executing script: ` in the second case.
    pub(super) fn answer(self, limits: &ScriptLimits) -> Result<String, String> {
        match self {
            Self::Finished(text) => Ok(text),
            Self::Raised(message) => Err(message),
            Self::Exceeded(exceeded) => Err(exceeded.message(limits)),
            Self::SandboxFailure(SandboxFailure::Engine) => {
                Err("the engine failed on this script".to_owned())
            }
            Self::SandboxFailure(SandboxFailure::Sandbox) => {
                Err("the sandbox ended without an answer".to_owned())
            }
        }
    }

    /// One word for the audit line.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Finished(_) => "finished",
            Self::Raised(_) => "raised",
            Self::Exceeded(Exceeded::Source) => "source limit",
            Self::Exceeded(Exceeded::Wall) => "time limit",
            Self::Exceeded(Exceeded::Cpu) => "CPU limit",
            Self::Exceeded(Exceeded::Memory) => "memory limit",
            Self::Exceeded(Exceeded::Stack) => "nesting limit",
            Self::Exceeded(Exceeded::Result) => "result limit",
            Self::Exceeded(Exceeded::Output) => "output limit",
            Self::Exceeded(Exceeded::LookUps) => "look-up limit",
            Self::SandboxFailure(_) => "lost",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_death_has_the_name_of_its_limit() {
        let cases = [
            (libc::SIGXCPU, ScriptOutcome::Exceeded(Exceeded::Cpu)),
            (libc::SIGABRT, ScriptOutcome::Exceeded(Exceeded::Memory)),
            (libc::SIGKILL, ScriptOutcome::Exceeded(Exceeded::Memory)),
            (libc::SIGSEGV, ScriptOutcome::Exceeded(Exceeded::Stack)),
            (
                libc::SIGTERM,
                ScriptOutcome::SandboxFailure(SandboxFailure::Sandbox),
            ),
        ];
        for (signal, outcome) in cases {
            assert_eq!(
                ScriptOutcome::of_death(ExitStatus::from_raw(signal)),
                outcome
            );
        }
        assert_eq!(
            ScriptOutcome::of_death(ExitStatus::from_raw(0)),
            ScriptOutcome::SandboxFailure(SandboxFailure::Sandbox)
        );
    }

    #[test]
    fn no_result_has_its_own_text() {
        let limits = ScriptLimits::default();
        let answer = ScriptOutcome::from(ScriptEnd::Finished(None)).answer(&limits);
        assert_eq!(answer.as_deref(), Ok("Script executed successfully"));
        let none = ScriptOutcome::from(ScriptEnd::Finished(Some("None".into()))).answer(&limits);
        assert_eq!(none.as_deref(), Ok("None"));
    }
}
