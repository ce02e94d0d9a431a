//! The units, with the built worker in place of the installed one.

use super::{accepted_by, text};
use crate::folder::Folder;
use crate::process::WORKER;

/// The most that `systemd-analyze security` may say, times ten: 10 is without any protection.
const MAX_EXPOSURE: &str = "--threshold=20";

#[test]
fn systemd_accepts_the_hardened_units() {
    let folder = Folder::new("units");
    let service = text("systemd/worker.service");
    assert!(service.contains("ExecStart=/usr/local/bin/worker "));
    let service = service.replace("/usr/local/bin/worker", WORKER);
    let service = folder.write("worker.service", service);
    let socket = folder.write("worker.socket", text("systemd/worker.socket"));
    let printed = accepted_by("systemd-analyze", &["verify", &service, &socket]);
    assert_eq!(printed, "", "systemd warns");
    let arguments = [
        "security",
        "--offline=true",
        "--no-pager",
        MAX_EXPOSURE,
        &service,
    ];
    let printed = accepted_by("systemd-analyze", &arguments);
    assert!(printed.contains("Overall exposure level"), "{printed}");
}
