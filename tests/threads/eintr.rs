//! Threads that wait are not interrupted: a thousand dumps, no EINTR.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::Builder;

use admin_runtime::AdminServer;
use admin_tests::{Case, ask, cases};

pub(crate) fn cases() -> Vec<Case> {
    cases![dumps_interrupt_no_blocked_thread]
}

const DUMPS: u32 = 1000;

/// A system call with a long timeout, which is not restarted after a signal.
type Call = fn() -> i64;

static INTERRUPTED: AtomicU32 = AtomicU32::new(0);
static RETURNED: AtomicU32 = AtomicU32::new(0);

const LONG: libc::timespec = libc::timespec {
    tv_sec: 100_000,
    tv_nsec: 0,
};

fn nanosleep() -> i64 {
    // SAFETY: reads the timespec; the remainder is not wanted.
    i64::from(unsafe { libc::nanosleep(&LONG, std::ptr::null_mut()) })
}

fn epoll_wait() -> i64 {
    // SAFETY: a fresh instance without members, and room for one event.
    unsafe {
        let epoll = libc::epoll_create1(0);
        let mut event: libc::epoll_event = std::mem::zeroed();
        i64::from(libc::epoll_wait(epoll, &mut event, 1, 100_000_000))
    }
}

fn poll() -> i64 {
    // SAFETY: no descriptors are given.
    i64::from(unsafe { libc::poll(std::ptr::null_mut(), 0, 100_000_000) })
}

fn timed_futex() -> i64 {
    let word = AtomicU32::new(7);
    // SAFETY: the word and the timeout outlive the call.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            7,
            &LONG,
        )
    }
}

fn repeat_call(call: Call) {
    loop {
        let result = call();
        let interrupted =
            result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EINTR);
        RETURNED.fetch_add(1, Ordering::SeqCst);
        INTERRUPTED.fetch_add(u32::from(interrupted), Ordering::SeqCst);
    }
}

fn dumps_interrupt_no_blocked_thread() {
    let calls: [(&str, Call); 4] = [
        ("waiter-sleep", nanosleep),
        ("waiter-epoll", epoll_wait),
        ("waiter-poll", poll),
        ("waiter-futex", timed_futex),
    ];
    for (name, call) in calls {
        Builder::new()
            .name(name.to_owned())
            .spawn(move || repeat_call(call))
            .unwrap();
    }
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let dump = || {
        ask(
            server.local_addr(),
            "GET",
            "/threads?name=waiter-&format=json",
            &[],
        )
        .body
    };
    // A signal before they block for the first time would be counted: wait until they do.
    while dump().matches(r#""method":"passive""#).count() < 4 {
        std::thread::yield_now();
    }
    // The loop above may itself have interrupted them before.
    let before = INTERRUPTED.load(Ordering::SeqCst);
    for round in 0..DUMPS {
        let text = dump();
        assert_eq!(
            text.matches(r#""method":"passive""#).count(),
            4,
            "dump {round}: {text}"
        );
    }
    assert_eq!(
        INTERRUPTED.load(Ordering::SeqCst) - before,
        0,
        "EINTRs in {DUMPS} dumps"
    );

    // The test can fail: a signal sent directly is counted.
    let tid = serde_json::from_str::<serde_json::Value>(&dump()).unwrap()["threads"][0]["tid"]
        .as_i64()
        .unwrap();
    let returned = RETURNED.load(Ordering::SeqCst);
    // SAFETY: sends a signal whose handler is installed to a thread of this process.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, libc::SIGURG) };
    assert_eq!(sent, 0);
    while RETURNED.load(Ordering::SeqCst) == returned {
        std::thread::yield_now();
    }
    assert_eq!(INTERRUPTED.load(Ordering::SeqCst) - before, 1);
}
