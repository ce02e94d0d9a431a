//! `go tool pprof`, as its users call it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A profile in a file, which is removed when this is dropped.
pub(crate) struct ProfileFile(PathBuf);

impl ProfileFile {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("profile-{}-{number}.pb.gz", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    /// What `go tool pprof` writes.
    #[track_caller]
    pub(crate) fn show(&self, arguments: &[&str]) -> String {
        pprof(arguments, self.0.to_str().unwrap())
    }
}

impl Drop for ProfileFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What `go tool pprof` writes of a file or an address.
#[track_caller]
pub(crate) fn pprof(arguments: &[&str], source: &str) -> String {
    let output = Command::new("go")
        .args(["tool", "pprof"])
        .args(arguments)
        .arg(source)
        .env("PPROF_TMPDIR", std::env::temp_dir())
        .output()
        .expect("Go is installed; `./ci.sh test` installs it");
    let (text, errors) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{arguments:?}: {errors}\n{text}");
    text
}

/// The share of a function with those that it called, in percent, from the output of `-top`.
#[track_caller]
pub(crate) fn cumulative_share(top: &str, function: &str) -> f64 {
    let line = top.lines().find(|line| line.contains(function));
    let line = line.unwrap_or_else(|| panic!("{function} is not in\n{top}"));
    let share = line.split_whitespace().nth(4);
    let share = share.and_then(|share| share.strip_suffix('%'));
    share
        .and_then(|share| share.parse().ok())
        .unwrap_or_else(|| panic!("{line}"))
}
