//! How many crates a program compiles with the runtime.

use std::collections::BTreeSet;
use std::process::Command;

/// Crates in the tree of a hello-world server, itself among them. A new dependency changes this
/// number, and the change is part of its review.
const CRATES_OF_A_SMALL_SERVER: usize = 71;

#[test]
fn a_small_server_compiles_this_many_crates() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", "admin-runtime", "-e", "normal"])
        .args(["--prefix", "none", "--format", "{p}", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let crates: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    let server = 1;
    assert_eq!(
        crates.len() + server,
        CRATES_OF_A_SMALL_SERVER,
        "{crates:#?}"
    );
}
