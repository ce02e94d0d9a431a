//! What a case is: a name, a function, and what its process needs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::Failed;

/// How long a case may take by default, on a busy machine too; it is killed then.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1800);

/// A test with a process of its own, which is this program, started again for the case.
pub struct Case {
    pub(super) name: String,
    pub(super) body: Box<dyn FnOnce() -> ExitCode + Send>,
    pub(super) setup: fn(),
    pub(super) executable: fn(&Path, &str) -> PathBuf,
    pub(super) variables: Vec<(&'static str, &'static str)>,
    pub(super) timeout: Duration,
    pub(super) is_alone: bool,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What the function of a case may return.
pub trait CaseResult {
    /// Prints the error, if there is one.
    fn into_exit_code(self) -> ExitCode;
}

impl CaseResult for () {
    fn into_exit_code(self) -> ExitCode {
        ExitCode::SUCCESS
    }
}

impl CaseResult for Result<(), Failed> {
    #[expect(clippy::print_stderr, reason = "the parent shows what a case prints")]
    fn into_exit_code(self) -> ExitCode {
        let Err(failed) = self else {
            return ExitCode::SUCCESS;
        };
        eprintln!("{}", failed.message().unwrap_or("it failed"));
        ExitCode::FAILURE
    }
}

impl Case {
    /// A case that succeeds if the function returns, and no error.
    ///
    /// The function runs in the first thread of the process. If the name is a path of modules, the
    /// first part, which is the crate, is left out.
    #[must_use]
    pub fn new<R: CaseResult>(name: &str, body: impl FnOnce() -> R + Send + 'static) -> Self {
        Self {
            name: name.split_once("::").map_or(name, |(_, rest)| rest).into(),
            body: Box::new(|| body().into_exit_code()),
            setup: || (),
            executable: |program, _| program.to_path_buf(),
            variables: Vec::new(),
            timeout: DEFAULT_TIMEOUT,
            is_alone: false,
        }
    }

    /// Calls a function first in the process.
    #[must_use]
    pub fn with_setup(mut self, setup: fn()) -> Self {
        self.setup = setup;
        self
    }

    /// Runs another executable: what the function makes of this one for the case of that name.
    #[must_use]
    pub fn with_executable(mut self, executable: fn(&Path, &str) -> PathBuf) -> Self {
        self.executable = executable;
        self
    }

    /// Adds a variable to the environment of the process.
    #[must_use]
    pub fn with_variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Changes how long the case may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs the case while no other runs: it uses limits that the user has in all processes, or
    /// measures what others change.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.is_alone = true;
        self
    }
}

/// The cases of functions, named after them and their module.
#[macro_export]
macro_rules! cases {
    ($($function:ident),+ $(,)?) => {
        ::std::vec![$($crate::Case::new(
            concat!(module_path!(), "::", stringify!($function)),
            $function,
        )),+]
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes() {}

    #[test]
    fn names_are_those_of_the_functions() {
        let names: Vec<_> = cases![passes].into_iter().map(|case| case.name).collect();
        assert_eq!(names, ["case::list::tests::passes"]);
        assert_eq!(Case::new("a_name", passes).name, "a_name");
    }
}
