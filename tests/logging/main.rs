//! Log levels, streams of records and the queue of the log, each in a process with its own subscriber.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests"
)]

mod blocked_output;
mod fields;
mod hidden;
mod loglevel;
mod logs;

use std::process::ExitCode;

use admin_tests::run_cases;

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    let mut cases = blocked_output::cases();
    cases.extend(fields::cases());
    cases.extend(hidden::cases());
    cases.extend(loglevel::cases());
    cases.extend(logs::cases());
    run_cases(cases, Vec::new())
}
