//! Why a zygote or a worker could not be prepared.

use std::fmt::{self, Display, Formatter};
use std::io;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// A step of the preparation that failed, and the error of the system call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct SetupFailure {
    pub(crate) step: SetupStep,
    /// The error number, where a system call failed.
    pub(crate) errno: Option<i32>,
}

/// The steps without which no script runs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum SetupStep {
    /// The process has one thread.
    SingleThread,
    /// Descriptors that the program left open are closed.
    CloseDescriptors,
    /// `/proc` is readable.
    ReadProc,
    /// The process ends with its parent.
    ParentDeathSignal,
    /// No privileges can be gained.
    NoNewPrivileges,
    /// All capabilities are dropped.
    DropCapabilities,
    /// Resource limits are set.
    ResourceLimits,
    /// The interpreter has its program and its descriptors.
    PassDescriptors,
    /// The interpreter is executed.
    ExecuteInterpreter,
}

/// Above what programs usually exit with, below the 128 of signals.
const FIRST_EXIT_CODE: i32 = 70;

impl SetupStep {
    /// The failure of this step.
    pub(super) fn failed(self, error: &io::Error) -> SetupFailure {
        SetupFailure {
            step: self,
            errno: error.raw_os_error(),
        }
    }

    /// The failure of this step, for `map_err`.
    pub(super) fn failed_with(self) -> impl Fn(Errno) -> SetupFailure {
        move |errno| SetupFailure {
            step: self,
            errno: Some(errno.raw_os_error()),
        }
    }

    /// The exit status of a zygote that failed in this step.
    pub(super) fn exit_code(self) -> i32 {
        FIRST_EXIT_CODE + self as i32
    }

    /// The step that this is the exit status of.
    pub(super) fn from_exit_code(code: i32) -> Option<Self> {
        let steps = [
            Self::SingleThread,
            Self::CloseDescriptors,
            Self::ReadProc,
            Self::ParentDeathSignal,
            Self::NoNewPrivileges,
            Self::DropCapabilities,
            Self::ResourceLimits,
        ];
        steps.into_iter().find(|step| step.exit_code() == code)
    }
}

impl Display for SetupFailure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.step {
            SetupStep::SingleThread => {
                "the program has more than one thread before `main`: a constructor of a shared \
                 library or the allocator starts one"
            }
            SetupStep::CloseDescriptors => {
                "inherited descriptors cannot be closed (Linux 5.9 or later is required, and no seccomp filter may forbid close_range)"
            }
            SetupStep::ReadProc => "/proc cannot be read",
            SetupStep::ParentDeathSignal => "the parent process has ended",
            SetupStep::NoNewPrivileges => "the no_new_privs flag cannot be set",
            SetupStep::DropCapabilities => "capabilities cannot be dropped",
            SetupStep::ResourceLimits => "resource limits cannot be set",
            SetupStep::PassDescriptors => "the interpreter cannot be given its descriptors",
            SetupStep::ExecuteInterpreter => "the interpreter cannot be executed",
        })?;
        match self.errno {
            Some(errno) => write!(f, ": {}", io::Error::from_raw_os_error(errno)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_names_step_and_system_error() {
        let unreadable = SetupStep::ReadProc.failed(&io::Error::from_raw_os_error(libc::ENOENT));
        assert_eq!(
            unreadable.to_string(),
            "/proc cannot be read: No such file or directory (os error 2)"
        );
        assert_ne!(
            SetupStep::SingleThread.exit_code(),
            SetupStep::ReadProc.exit_code()
        );
    }
}
