//! Dumps of processes with forks, without privileges, without symbols or short of resources.
//!
//! Each case changes its process permanently, so that each has its own: this program, started with
//! the name of the case in `THREADS_CASE`.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod resources;
mod stacks;

use std::path::PathBuf;
use std::process::Command;

admin_runtime::link!(admin_endpoints);

const CASES: [(&str, fn()); 15] = [
    ("after_fork", stacks::after_fork),
    ("not_dumpable", stacks::not_dumpable),
    ("unprivileged", stacks::unprivileged),
    (
        "unprivileged_and_not_dumpable",
        stacks::unprivileged_and_not_dumpable,
    ),
    ("two_servers", stacks::two_servers),
    (
        "without_debug_information",
        stacks::without_debug_information,
    ),
    ("without_symbols", stacks::without_symbols),
    ("memory_is_returned", resources::memory_is_returned),
    ("little_memory", resources::little_memory),
    ("no_symbol_memory", resources::no_symbol_memory),
    ("no_descriptor_at_first", resources::no_descriptor_at_first),
    ("no_descriptor_later", resources::no_descriptor_later),
    ("no_thread", resources::no_thread),
    ("no_proc", resources::no_proc),
    ("full_names", resources::full_names),
];

fn main() {
    let case = std::env::var("THREADS_CASE").ok();
    if let Some((_, body)) = CASES
        .iter()
        .find(|(name, _)| Some(*name) == case.as_deref())
    {
        return body();
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let mut failed = false;
    for (name, _) in CASES {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
            continue;
        }
        let program = program_of(name);
        let status = Command::new(program)
            .env("THREADS_CASE", name)
            .status()
            .unwrap();
        println!(
            "test {name} ... {}",
            if status.success() { "ok" } else { "FAILED" }
        );
        failed |= !status.success();
    }
    assert!(!failed, "a case failed");
}

/// This program, or what a release profile would have made of it.
fn program_of(case: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let option = match case {
        "without_debug_information" => "--strip-debug",
        "without_symbols" => "--strip-all",
        _ => return program,
    };
    let stripped = program.with_extension(case);
    let status = Command::new("strip")
        .arg(option)
        .arg("-o")
        .arg(&stripped)
        .arg(program)
        .status();
    assert!(status.unwrap().success(), "strip failed");
    stripped
}
