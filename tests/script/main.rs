//! `POST /run_script` over HTTP, with real child processes, in all kinds of programs and on hosts that
//! deny what scripts need.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these tests measure, print shares, and wait for processes"
)]

mod behaviour;
mod constructor;
mod corpus;
mod cpython;
mod cpython_corpus;
mod cpython_processes;
mod differences;
mod differential;
mod early_thread;
mod embedded_corpus;
mod faults;
mod fuzz;
mod hostile;
mod percent;
mod prepared_workers;
mod programs;
mod release_profile;
mod server;
mod without_init;
mod zygote;

use std::process::ExitCode;

use admin_endpoints::script::init;
use admin_tests::{Case, run_cases};

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    let mut cases: Vec<_> = scripts().into_iter().map(with_secrets).collect();
    cases.extend(cpython_processes::cases());
    cases.extend(early_thread::cases());
    cases.extend(faults::cases());
    cases.extend(prepared_workers::cases());
    cases.extend(zygote::cases());
    let mut cases = with_init(cases);
    cases.extend(programs::cases());
    cases.extend(release_profile::cases());
    cases.extend(without_init::cases());
    let mut programs = cpython_processes::programs();
    programs.extend(zygote::programs());
    run_cases(cases, with_init(programs))
}

fn scripts() -> Vec<Case> {
    let mut cases = vec![
        Case::new("corpus_agrees_with_cpython", corpus::agrees_with_cpython),
        Case::new("nothing_gets_out", hostile::nothing_gets_out),
        Case::new("nothing_wears_it_out", hostile::nothing_wears_it_out),
        Case::new(
            "every_request_has_its_answer",
            fuzz::every_request_has_its_answer,
        ),
        Case::new(
            "random_scripts_have_no_other_answer",
            differential::has_no_other_answer,
        ),
        Case::new("percent_is_that_of_cpython", percent::is_that_of_cpython),
    ];
    cases.extend(behaviour::cases());
    cases.extend(cpython::cases());
    cases.extend(cpython_corpus::cases());
    cases.extend(differences::cases());
    cases.extend(embedded_corpus::cases());
    cases.extend(hostile::cpython_cases());
    cases
}

/// What scripts look for.
fn with_secrets(case: Case) -> Case {
    case.with_variable("ADMIN_TEST_SECRET_TOKEN", "s3cret-canary")
        .with_variable("ADMIN_TEST_PLAIN", "shown")
}

/// The line that `main` of such a program has.
fn with_init(cases: Vec<Case>) -> Vec<Case> {
    cases
        .into_iter()
        .map(|case| case.with_setup(init))
        .collect()
}
