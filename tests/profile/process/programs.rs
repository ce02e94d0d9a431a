//! Executables without symbols or without a file, and forked children.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::Builder;

use admin_tests::{Case, cases, poll_until};

use super::{assert_alive, burn_in_known_function, has_known_function, lines, started};

pub(crate) fn cases() -> Vec<Case> {
    let mut all = cases![after_fork];
    let stripped = cases![without_symbols].into_iter();
    all.extend(stripped.map(|case| case.with_executable(strip)));
    let deleted = cases![deleted_executable].into_iter();
    all.extend(deleted.map(|case| case.with_executable(copy)));
    all
}

/// This program without symbols.
fn strip(program: &Path, _: &str) -> PathBuf {
    let stripped = program.with_extension("without_symbols");
    let mut strip = Command::new("strip");
    strip
        .args(["--strip-all", "-o"])
        .arg(&stripped)
        .arg(program);
    assert!(strip.status().unwrap().success(), "strip failed");
    stripped
}

/// A copy of this program, which may be deleted.
fn copy(program: &Path, _: &str) -> PathBuf {
    let copy = program.with_extension("deleted_executable");
    std::fs::copy(program, &copy).unwrap();
    copy
}

fn start_busy_thread() {
    let named = Builder::new().name("busy".to_owned());
    named.spawn(burn_in_known_function).unwrap();
}

fn without_symbols() {
    start_busy_thread();
    let server = started();
    let at = server.local_addr();
    let found = lines(
        at,
        "/debug/pprof/profile?seconds=1&name=busy&format=collapsed",
    );
    let of_thread = found.iter().filter(|(stack, _)| stack.starts_with("busy;"));
    let (stack, _) = of_thread.max_by_key(|(_, count)| *count).unwrap();
    // The innermost frame is in this program, and the outermost in the C library.
    let frames: Vec<&str> = stack.split(';').collect();
    assert!(frames.len() > 3, "{stack}");
    let is_offset = |frame: &str| frame.starts_with("profile-") && frame.contains("+0x");
    assert!(is_offset(frames[frames.len() - 1]), "{stack}");
    for path in [
        "pprof/profile?seconds=1&name=busy",
        "fgprof?seconds=1&name=busy",
        "pprof/goroutine",
    ] {
        let url = format!("http://{at}/debug/{path}");
        let top = pprof_top(&[&url]);
        assert!(top.contains("File: profile-"), "{top}");
        if path.starts_with("fgprof") {
            continue; // its mappings are those of the first
        }
        // With a copy that has the symbols, other files keep their names.
        let copy = std::env::current_exe().unwrap().with_extension("");
        let top = pprof_top(&[copy.to_str().unwrap(), &url]);
        assert!(top.contains("File: profile-"), "{path}: {top}");
        assert!(top.contains("burn_in_known_function"), "{path}: {top}");
    }
    assert_alive(at);
}

/// What `go tool pprof` shows of a source, which may follow a program.
#[track_caller]
fn pprof_top(arguments: &[&str]) -> String {
    let tool = Command::new("go")
        .args(["tool", "pprof", "-top"])
        .args(arguments)
        .env("PPROF_TMPDIR", std::env::temp_dir())
        .output()
        .expect("Go is installed; `./ci.sh test` installs it");
    assert!(tool.status.success(), "{tool:?}");
    String::from_utf8(tool.stdout).unwrap()
}

fn deleted_executable() {
    std::fs::remove_file(std::env::current_exe().unwrap()).unwrap();
    start_busy_thread();
    let server = started();
    let at = server.local_addr();
    let found = lines(
        at,
        "/debug/pprof/profile?seconds=1&name=busy&format=collapsed",
    );
    assert!(has_known_function(&found), "{found:?}");
}

/// A child makes profiles of its own, whatever its parent was doing.
fn after_fork() {
    start_busy_thread();
    let server = started();
    let at = server.local_addr();
    let target = "/debug/pprof/profile?seconds=2&frequency=999&name=busy&format=collapsed";
    let in_parent = Builder::new().spawn(move || lines(at, target)).unwrap();
    poll_until("the timers of the profile", || {
        let timers = std::fs::read_to_string("/proc/self/timers").unwrap();
        timers.contains("ID:").then_some(())
    });
    // SAFETY: the child uses what the standard library supports after a fork in practice: it starts
    // threads and opens sockets, with an allocator that is safe to fork.
    let child = unsafe { libc::fork() };
    if child == 0 {
        start_busy_thread();
        let own = started();
        let found = lines(own.local_addr(), &target.replace("seconds=2", "seconds=1"));
        let code = i32::from(!has_known_function(&found));
        // SAFETY: ends the child without running anything of the parent's.
        unsafe { libc::_exit(code) };
    }
    let mut status = -1;
    // SAFETY: waits for the child made above.
    while unsafe { libc::waitpid(child, &mut status, 0) } != child {}
    assert_eq!(status, 0, "the child had no profile");
    assert!(has_known_function(&in_parent.join().unwrap()));
    assert_alive(at);
}
