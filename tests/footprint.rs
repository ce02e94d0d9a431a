//! How much a program takes in with the runtime.

use std::collections::BTreeSet;
use std::process::Command;

/// What a hello-world server may have in its tree, itself among it.
const MOST: usize = 110;

#[test]
fn a_small_server_has_a_small_tree() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "-p",
            "admin-runtime",
            "-e",
            "normal",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p}", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let crates: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    let count = crates.len() + 1;
    assert!(
        crates.len() > 1,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(count <= MOST, "{count} crates:\n{crates:#?}");
}
