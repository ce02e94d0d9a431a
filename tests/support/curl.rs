//! curl, the client that the documentation uses.

use std::process::Command;

use crate::reply::Reply;

/// Sends one request with curl, through no proxy.
///
/// # Panics
///
/// If curl is missing, fails, or receives no reply within a minute.
#[must_use]
#[track_caller]
pub fn curl(arguments: &[&str], url: &str) -> Reply {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--http1.1"])
        .args(["--max-time", "60", "--noproxy", "*"])
        .args(arguments)
        .arg(url)
        .output()
        .expect("curl is installed; `./ci.sh test` installs it");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "curl {arguments:?} {url}: {errors}"
    );
    Reply::parse(&output.stdout).unwrap_or_else(|| panic!("curl {arguments:?} {url}: no reply"))
}
