//! Chromium without a window.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A page as the browser has it once it is quiet, and what it logged.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) dom: String,
    pub(crate) log: String,
}

/// Opens a page in a browser of its own.
pub(crate) fn open(url: &str) -> Page {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let profile = format!("admin-browser-{}-{number}", std::process::id());
    let profile = std::env::temp_dir().join(profile);
    let ran = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox", // root has none, and the pages are ours
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            "--virtual-time-budget=10000", // until nothing is loading any more
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(url)
        .output()
        .expect("chromium is installed; ci.sh installs it");
    let _ = std::fs::remove_dir_all(&profile);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Page {
        dom: text(&ran.stdout),
        log: text(&ran.stderr),
    }
}
