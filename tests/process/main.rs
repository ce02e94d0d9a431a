//! Processes that serve while they are short of descriptors, threads or memory, fork, are stopped, have
//! blocked handlers or another clock, or are under load; and what a server leaves in its process: threads, children, memory and wake-ups.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests, which print what they measured"
)]

mod descriptors;
mod forked;
mod handlers;
mod idle;
mod limits;
mod load;
mod memory;
mod memory_group;
mod several_listeners;
mod soak;
mod start_failure;
mod stderr_lock;
mod tasks;
mod under_stress;

use std::process::ExitCode;

use admin_endpoints::script::init;
use admin_runtime::admin_endpoint;
use admin_tests::{Case, Program, run_cases};

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    let mut cases = descriptors::cases();
    cases.extend(forked::cases());
    cases.extend(handlers::cases());
    cases.extend(idle::cases());
    cases.extend(memory::cases());
    cases.extend(memory_group::cases());
    cases.extend(several_listeners::cases());
    cases.extend(soak::cases());
    cases.extend(start_failure::cases());
    cases.extend(stderr_lock::cases());
    cases.extend(tasks::cases());
    cases.extend(under_stress::cases());
    let mut programs = descriptors::programs();
    programs.extend(memory_group::programs());
    programs.extend(several_listeners::programs());
    programs.extend(soak::programs());
    programs.extend(stderr_lock::programs());
    programs.extend(under_stress::programs());
    run_cases(with_init(cases), with_init(programs))
}

/// The line that `main` of a program with scripts has.
fn with_init(cases: Vec<Case>) -> Vec<Case> {
    cases
        .into_iter()
        .map(|case| case.with_setup(init))
        .collect()
}

/// A case that is the client of a program in another process.
fn client(case: &str, program: &'static str, ask: fn(&mut Program)) -> Case {
    Case::new(case, move || {
        let mut program = Program::start(program);
        ask(&mut program);
        program.finish();
    })
}

#[admin_endpoint(path = "/name")]
async fn name() -> &'static str {
    "one"
}

/// Answers when the client has gone, or not at all.
#[admin_endpoint(path = "/waiting", timeout = "600s")]
async fn waiting() -> &'static str {
    std::future::pending().await
}
