//! What belongs to the process: forks, privileges, several servers.
//!
//! Each case changes its process for good, so each is a process of its own: this program, started
//! with the name of the case.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use admin_endpoints::threads::{Layout, Query, capture};
use admin_runtime::AdminServer;
use admin_tests::ask;
use std::path::PathBuf;
use std::process::Command;
use std::thread::Builder;

admin_runtime::link!(admin_endpoints);

const CASES: [(&str, fn()); 7] = [
    ("after_fork", after_fork),
    ("not_dumpable", not_dumpable),
    ("unprivileged", unprivileged),
    (
        "unprivileged_and_not_dumpable",
        unprivileged_and_not_dumpable,
    ),
    ("two_servers", two_servers),
    ("without_debug_information", without_debug_information),
    ("without_symbols", without_symbols),
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

#[inline(never)]
fn waits_for_ever() {
    loop {
        std::thread::park();
    }
}

#[inline(never)]
fn spins_for_ever() {
    loop {
        std::hint::black_box(());
    }
}

fn start(name: &str, body: fn()) {
    Builder::new().name(name.to_owned()).spawn(body).unwrap();
}

fn dump() -> String {
    capture(Query::default()).unwrap().text(Layout::default())
}

/// Dumps until both threads are where they shall be; each dump is whole. A thread that begins gets
/// its name on its way: a dump can have its stack under the name it had a moment before.
fn both_are_seen() -> String {
    const SEEN: [&str; 4] = [
        "Thread: waits",
        "process::waits_for_ever",
        "Thread: spins",
        "process::spins_for_ever",
    ];
    loop {
        let text = dump();
        assert!(!text.contains("No stack trace"), "{text}");
        if SEEN.iter().all(|seen| text.contains(seen)) {
            return text;
        }
    }
}

fn start_both() {
    start("waits", waits_for_ever);
    start("spins", spins_for_ever);
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
        // Neither the parent's threads nor its capturer are there.
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

/// Becomes a user without any rights, if it is not one already.
fn drop_privileges() {
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

/// As the default release profile has it: names of functions, no lines.
fn without_debug_information() {
    start_both();
    let text = both_are_seen();
    assert!(!text.contains("process.rs:"), "{text}");
}

/// As `strip = "symbols"` has it: where to look, and in which build.
fn without_symbols() {
    start_both();
    let text = loop {
        let text = capture(Query::default())
            .unwrap()
            .text(Layout::default().with_full(true));
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
