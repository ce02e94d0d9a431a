//! The files of `examples/deploy`, each read by the program that it is for.

mod dashboard;
mod demo;
mod kubernetes;
mod live_metrics;
mod promql;
mod rules;
mod systemd;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The path of a file.
fn path(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy");
    folder.join(name).to_str().expect("UTF-8").to_owned()
}

/// The text of a file.
fn text(name: &str) -> String {
    fs::read_to_string(path(name)).expect("the file exists")
}

/// Runs a program that is to succeed, and returns what it prints.
fn accepted_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{program}: {error}; `./ci.sh test` installs what is needed")
    });
    let printed =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let printed = printed.concat();
    assert!(
        output.status.success(),
        "{program} {arguments:?}\n{printed}"
    );
    printed
}
