//! `POST /run_script` over HTTP, with real child processes.
//!
//! The route starts this very executable again, so `main` must be ours.

mod client;
mod corpus;
mod hostile;
mod objects;
mod percent;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    admin_endpoints::script::worker();
    let tests = vec![
        Trial::test("corpus_agrees_with_cpython", corpus::agrees_with_cpython),
        Trial::test("nothing_gets_out", hostile::nothing_gets_out),
        Trial::test("nothing_wears_it_out", hostile::nothing_wears_it_out),
        Trial::test("percent_is_that_of_cpython", percent::is_that_of_cpython),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
