//! The `main` of a test binary that consists of cases.

use std::env;
use std::process::{Command, ExitCode};
use std::sync::{PoisonError, RwLock};

use libtest_mimic::{Arguments, Failed, Trial};

use super::child;
use super::list::Case;

/// The name of the case, in the environment of its process.
pub(super) const CASE_VARIABLE: &str = "ADMIN_TESTS_CASE";

/// Read by each case, and written by one that runs alone.
static TURN: RwLock<()> = RwLock::new(());

/// Runs the cases that the arguments of libtest select, each in a process of its own, and as many
/// at a time as there are processors.
///
/// What a case prints is shown if it fails, or with `--nocapture`. `programs` are not tests: cases
/// start them with [`Program`](crate::Program).
///
/// # Panics
///
/// If two have the same name, or the environment names one that does not exist.
#[must_use]
pub fn run_cases(cases: Vec<Case>, programs: Vec<Case>) -> ExitCode {
    if let Ok(name) = env::var(CASE_VARIABLE) {
        let mut all = cases.into_iter().chain(programs);
        let found = all.find(|case| case.name == name);
        let case = found.unwrap_or_else(|| panic!("no case {name}"));
        (case.setup)();
        return (case.body)();
    }
    let mut names: Vec<_> = cases
        .iter()
        .chain(&programs)
        .map(|case| &case.name)
        .collect();
    names.sort();
    assert!(
        names.is_sorted_by(|one, next| one < next),
        "a name twice: {names:?}"
    );
    let arguments = Arguments::from_args();
    let is_captured = !arguments.nocapture;
    let trials = cases.into_iter().map(|case| {
        let name = case.name.clone();
        Trial::test(name, move || run_in_process(&case, is_captured))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn run_in_process(case: &Case, is_captured: bool) -> Result<(), Failed> {
    let (_shared, _exclusive);
    if case.is_alone {
        _exclusive = TURN.write().unwrap_or_else(PoisonError::into_inner);
    } else {
        _shared = TURN.read().unwrap_or_else(PoisonError::into_inner);
    }
    let mut command = Command::new((case.executable)(&env::current_exe()?, &case.name));
    command.env(CASE_VARIABLE, &case.name);
    command.envs(case.variables.iter().copied());
    child::run(command, is_captured, case.timeout)
}
