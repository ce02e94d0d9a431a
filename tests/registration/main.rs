//! What attributes register: in all kinds of modules, and what a server says when parts of it are not
//! used.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

// Public, so that what its attributes expand to is checked as an interface is.
pub mod hygiene;
mod modules;
mod start_warnings;

// The crate under another name, which `crate = ".."` tells the attribute.
extern crate admin_runtime as plane;

use std::process::ExitCode;

use admin_tests::run_cases;

fn main() -> ExitCode {
    let mut cases = hygiene::cases();
    cases.extend(modules::cases());
    cases.extend(start_warnings::cases());
    run_cases(cases, Vec::new())
}
