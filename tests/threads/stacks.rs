//! Stacks of a process that has forked, has no privileges or no symbols.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::Builder;

use admin_endpoints::threads::{Layout, Query, capture};
use admin_runtime::AdminServer;
use admin_tests::{Case, ask, cases};

pub(crate) fn cases() -> Vec<Case> {
    let mut all = cases![
        after_fork,
        not_dumpable,
        unprivileged,
        unprivileged_and_not_dumpable,
        two_servers,
    ];
    let unnamed = cases![without_debug_information].into_iter();
    all.extend(unnamed.map(|case| case.with_executable(strip_debug_information)));
    let stripped = cases![without_symbols].into_iter();
    all.extend(stripped.map(|case| case.with_executable(strip_symbols)));
    all
}

fn strip_debug_information(program: &Path, _: &str) -> PathBuf {
    strip(program, "--strip-debug", "without_debug_information")
}

fn strip_symbols(program: &Path, _: &str) -> PathBuf {
    strip(program, "--strip-all", "without_symbols")
}

/// What a release profile would have made of this program.
fn strip(program: &Path, option: &str, extension: &str) -> PathBuf {
    let stripped = program.with_extension(extension);
    let mut strip = Command::new("strip");
    strip.args([option, "-o"]).arg(&stripped).arg(program);
    assert!(strip.status().unwrap().success(), "strip failed");
    stripped
}

#[inline(never)]
fn waits() {
    loop {
        std::thread::park();
    }
}

#[inline(never)]
fn spins() {
    loop {
        std::hint::black_box(());
    }
}

fn start(name: &str, body: fn()) {
    Builder::new().name(name.to_owned()).spawn(body).unwrap();
}

fn dump() -> String {
    capture(Query::default())
        .unwrap()
        .to_text(Layout::default())
}

/// Takes dumps until both threads have reached their functions. A thread sets its name after it
/// starts: a dump can show its stack with the name that it had before.
fn both_are_seen() -> String {
    const SEEN: [&str; 4] = [
        "Thread: waits",
        "stacks::waits",
        "Thread: spins",
        "stacks::spins",
    ];
    loop {
        let text = dump();
        assert!(!text.contains("No stack trace"), "{text}");
        if SEEN.iter().all(|seen| text.contains(seen)) {
            return text;
        }
    }
}

pub(crate) fn start_both() {
    start("waits", waits);
    start("spins", spins);
}

fn after_fork() {
    start_both();
    both_are_seen();
    // SAFETY: the child only takes a dump and leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: an alarm that is not handled ends a child that hangs.
        unsafe { libc::alarm(30) };
        start_both();
        let text = both_are_seen();
        // Neither the parent's threads nor its dump thread are there.
        let complete = text.matches("Thread: spins").count() == 1
            && text.matches("Thread: admin-thread-dump").count() == 1;
        // SAFETY: leaves without running anything of the parent's.
        unsafe { libc::_exit(if complete { 7 } else { 8 }) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(
        libc::WIFEXITED(status),
        "the child was ended by signal {}",
        libc::WTERMSIG(status)
    );
    assert_eq!(libc::WEXITSTATUS(status), 7);
    both_are_seen();
}

fn set_dumpable(dumpable: libc::c_int) {
    // SAFETY: changes one flag of this process.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, dumpable) }, 0);
}

fn not_dumpable() {
    set_dumpable(0);
    start_both();
    both_are_seen();
}

/// Becomes an unprivileged user, if the process is privileged.
pub(crate) fn drop_privileges() {
    const NOBODY: libc::uid_t = 65_534;
    // SAFETY: these change this process's ids alone, of which every test case has its own.
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::setgroups(0, std::ptr::null()), 0);
            assert_eq!(libc::setgid(NOBODY), 0);
            assert_eq!(libc::setuid(NOBODY), 0);
        }
        assert_ne!(libc::geteuid(), 0);
    }
}

fn unprivileged() {
    drop_privileges();
    set_dumpable(1); // a change of the user id clears it
    start_both();
    assert!(!both_are_seen().contains("Note: "));
}

fn unprivileged_and_not_dumpable() {
    drop_privileges();
    set_dumpable(0);
    start_both();
    let text = both_are_seen();
    assert!(
        text.contains("Note: blocked threads were interrupted"),
        "{text}"
    );
}

fn two_servers() {
    let start = || AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let servers = [start(), start()];
    let addresses = servers.each_ref().map(|server| server.local_addr());
    std::thread::scope(|scope| {
        for address in addresses.iter().cycle().take(32) {
            scope.spawn(|| {
                let reply = ask(*address, "GET", "/threads", &[]);
                assert_eq!(reply.status, 200, "{}", reply.body);
                assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
                assert_eq!(reply.body.matches("Thread: admin-thread-dump (").count(), 1);
            });
        }
    });
    let command = Command::new("curl")
        .args([
            "-sS",
            "--max-time",
            "20",
            &format!("http://{}/threads?name=admin-thread", addresses[0]),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(command.stdout).unwrap();
    assert!(
        text.starts_with("Thread: admin-thread-dump (tid "),
        "{text}"
    );
    assert!(
        text.ends_with("\n\n\n=== Thread Summary ===\nTotal threads: 1"),
        "{text}"
    );
}

/// Like the default release profile: names of functions, no lines.
fn without_debug_information() {
    start_both();
    let text = both_are_seen();
    assert!(!text.contains("stacks.rs:"), "{text}");
}

/// Like `strip = "symbols"`: where to look, and in which build.
fn without_symbols() {
    start_both();
    let text = loop {
        let text = capture(Query::default())
            .unwrap()
            .to_text(Layout::default().with_full(true));
        assert!(!text.contains("No stack trace"), "{text}");
        let block = |name: &str| text.split("\n\n").find(|block| block.starts_with(name));
        let (waits, spins) = (
            block("Thread: waits").unwrap(),
            block("Thread: spins").unwrap(),
        );
        // Both are in their loops, and their stacks are whole, up to the C library's first frame.
        let is_whole = |block: &str| {
            let last = block.lines().last().unwrap_or_default();
            block.lines().count() > 8 && last.starts_with("  ") && last.contains("libc")
                || last.contains("clone")
        };
        if waits.contains("syscall") && is_whole(waits) && is_whole(spins) {
            break waits.to_owned();
        }
    };
    let own = text
        .lines()
        .filter(|line| line.contains(".without_symbols+0x"));
    assert!(own.clone().count() >= 3, "{text}");
    assert!(
        own.clone().all(|line| line.contains(" (build ID ")),
        "{text}"
    );
}
