//! Dumps of all kinds of threads, in processes that disturb them, have forked, lack privileges or
//! symbols, or are short of resources.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests, which print what they measured"
)]

mod eintr;
mod gdb;
mod handlers;
mod kinds;
mod resources;
mod samples;
mod stacks;
mod stress;

use std::process::ExitCode;

use admin_tests::run_cases;

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    let mut cases = eintr::cases();
    cases.extend(handlers::cases());
    cases.extend(kinds::cases());
    cases.extend(resources::cases());
    cases.extend(stacks::cases());
    cases.extend(stress::cases());
    run_cases(cases, Vec::new())
}
