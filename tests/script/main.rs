//! `POST /run_script` over HTTP, with real child processes.
//!
//! The route starts this executable again, so the tests need a `main` of their own.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "these tests measure, print shares, and set a secret for scripts to look for"
)]

mod behaviour;
mod corpus;
mod cpython;
mod cpython_corpus;
mod differences;
mod differential;
mod embedded_corpus;
mod fuzz;
mod hostile;
mod percent;
mod server;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    admin_endpoints::script::init();
    // SAFETY: no other thread exists yet that could read the environment.
    unsafe {
        std::env::set_var("ADMIN_TEST_SECRET_TOKEN", "s3cret-canary");
        std::env::set_var("ADMIN_TEST_PLAIN", "shown");
    }
    let mut tests = vec![
        Trial::test("corpus_agrees_with_cpython", corpus::agrees_with_cpython),
        Trial::test("nothing_gets_out", hostile::nothing_gets_out),
        Trial::test("nothing_wears_it_out", hostile::nothing_wears_it_out),
        Trial::test(
            "every_request_has_its_answer",
            fuzz::every_request_has_its_answer,
        ),
        Trial::test(
            "random_scripts_have_no_other_answer",
            differential::has_no_other_answer,
        ),
        Trial::test("percent_is_that_of_cpython", percent::is_that_of_cpython),
    ];
    tests.extend(behaviour::tests());
    tests.extend(cpython::tests());
    tests.extend(cpython_corpus::tests());
    tests.extend(differences::tests());
    tests.extend(embedded_corpus::tests());
    tests.extend(hostile::cpython_tests());
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
