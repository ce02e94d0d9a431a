//! Signals and timers of the program, and limits of both.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::Builder;
use std::time::Duration;

use admin_tests::{Case, ask, cases, connect, poll_until};

use super::threads::burn;
use super::{assert_alive, burn_in_known_function, has_known_function, lines, notes, started};

pub(crate) fn cases() -> Vec<Case> {
    let mut all = cases![
        own_profiling_timer,
        blocked_signals,
        waits_for_signals,
        replaced_handler,
        stopped_process,
        timers_are_deleted
    ];
    // The limit counts the timers of all processes of the user.
    all.extend(cases![few_timers].into_iter().map(Case::alone));
    all
}

const BUSY: &str = "/debug/pprof/profile?seconds=1&name=busy&format=collapsed";

fn start_busy_thread(prepare: fn()) {
    let body = move || {
        prepare();
        burn_in_known_function();
    };
    Builder::new().name("busy".to_owned()).spawn(body).unwrap();
}

/// The lines of `/proc/self/timers` that begin a timer.
fn timers() -> usize {
    let timers = std::fs::read_to_string("/proc/self/timers").unwrap();
    timers
        .lines()
        .filter(|line| line.starts_with("ID:"))
        .count()
}

/// A program that profiles itself with SIGPROF receives its signals, and so do we.
fn own_profiling_timer() {
    static RECEIVED: AtomicU32 = AtomicU32::new(0);
    extern "C" fn count(_signal: libc::c_int) {
        RECEIVED.fetch_add(1, Ordering::Relaxed);
    }

    let interval = libc::timeval {
        tv_sec: 0,
        tv_usec: 5000,
    };
    let setting = libc::itimerval {
        it_interval: interval,
        it_value: interval,
    };
    // SAFETY: the handler is async-signal-safe, and the setting outlives the call.
    unsafe {
        libc::signal(libc::SIGPROF, count as *const () as libc::sighandler_t);
        assert_eq!(
            libc::setitimer(libc::ITIMER_PROF, &setting, std::ptr::null_mut()),
            0
        );
    }
    start_busy_thread(|| {});
    let server = started();
    let before = RECEIVED.load(Ordering::Relaxed);
    let found = lines(server.local_addr(), BUSY);
    assert!(has_known_function(&found), "{found:?}");
    assert!(RECEIVED.load(Ordering::Relaxed) > before + 10);
}

fn few_timers() {
    let limit = libc::rlimit {
        rlim_cur: 10,
        rlim_max: 10,
    };
    // SAFETY: the kernel reads the limit.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_SIGPENDING, &limit) };
    assert_eq!(set, 0);
    for _ in 0..30 {
        start_busy_thread(|| {});
    }
    let server = started();
    let found = notes(server.local_addr(), "");
    assert!(found.contains("Threads without a timer"), "{found}");
    assert!(found.contains("ulimit -i"), "{found}");
    assert_alive(server.local_addr());
    assert_eq!(timers(), 0);
}

fn blocked_signals() {
    start_busy_thread(|| {
        // SAFETY: the set is initialised by sigfillset; the mask is this thread's own.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut set);
            libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
        }
    });
    let server = started();
    let found = notes(server.local_addr(), "&name=busy");
    assert!(found.contains("Threads that block signal"), "{found}");
    for target in [BUSY, "/debug/pprof/profile?seconds=1&format=collapsed"] {
        let found = lines(server.local_addr(), target);
        let is_told = |(stack, count): &(String, u64)| {
            stack.starts_with("[not sampled: threads that block signal ") && *count > 0
        };
        assert!(found.iter().any(is_told), "{found:?}");
    }
}

/// A thread that blocks all signals has none of a profile pending, which `sigwait` would return.
fn waits_for_signals() {
    static WAITS: AtomicBool = AtomicBool::new(false);
    static WAS_PENDING: AtomicBool = AtomicBool::new(false);

    let body = || {
        // SAFETY: the set is initialised by sigfillset; the mask is this thread's own.
        unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut set);
            libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
        }
        WAITS.store(true, Ordering::Relaxed);
        loop {
            burn(Duration::from_millis(20));
            // SAFETY: the set is initialised by sigpending.
            let is_pending = unsafe {
                let mut set: libc::sigset_t = std::mem::zeroed();
                libc::sigpending(&mut set);
                let mut signals = libc::SIGRTMIN()..=libc::SIGRTMAX();
                signals.any(|signal| libc::sigismember(&set, signal) == 1)
            };
            WAS_PENDING.fetch_or(is_pending, Ordering::Relaxed);
        }
    };
    Builder::new().name("busy".to_owned()).spawn(body).unwrap();
    poll_until("the mask of the thread", || {
        WAITS.load(Ordering::Relaxed).then_some(())
    });
    let server = started();
    let target = "/debug/pprof/profile?seconds=2&frequency=1000&name=busy&format=collapsed";
    lines(server.local_addr(), target);
    assert!(!WAS_PENDING.load(Ordering::Relaxed));
}

/// A handler that the program installs later is left alone, and no signal ends the process.
fn replaced_handler() {
    static REPLACED: AtomicBool = AtomicBool::new(false);
    extern "C" fn ignore(_signal: libc::c_int) {}

    start_busy_thread(|| {});
    let server = started();
    let at = server.local_addr();
    let replace = || {
        poll_until("the timers of the profile", || (timers() > 0).then_some(()));
        for signal in libc::SIGRTMIN()..=libc::SIGRTMAX() {
            // SAFETY: the handler does nothing.
            unsafe { libc::signal(signal, ignore as *const () as libc::sighandler_t) };
        }
        REPLACED.store(true, Ordering::Relaxed);
    };
    let replacing = Builder::new().spawn(replace).unwrap();
    let found = notes(at, "");
    replacing.join().unwrap();
    assert!(found.contains("has replaced the handler"), "{found}");
    let reply = ask(at, "GET", BUSY, &[]);
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(
        reply.body.contains("no real-time signal is free"),
        "{reply:?}"
    );
    assert_alive(at);
}

/// A thread that sleeps does not seem to run while the process is stopped.
fn stopped_process() {
    let sleeping = || std::thread::sleep(Duration::from_secs(300));
    let sleeping = Builder::new().name("sleeping".to_owned()).spawn(sleeping);
    let server = started();
    let at = server.local_addr();
    let once = "sleep 1; kill -STOP $0; sleep 2; kill -CONT $0";
    let often = "for i in $(seq 40); do sleep .03; kill -STOP $0; sleep .03; kill -CONT $0; done";
    for (stops, not_sampled) in [
        (once, "[not sampled: the process was stopped"),
        (often, "[not sampled: seemed to run"),
    ] {
        let mut stops = std::process::Command::new("sh")
            .args(["-c", stops, &std::process::id().to_string()])
            .spawn()
            .unwrap();
        let target = "/debug/fgprof?seconds=5&name=sleeping&format=collapsed";
        let found = lines(at, target);
        assert!(stops.wait().unwrap().success());
        let samples = |part: &str| -> u64 {
            let of = found.iter().filter(|(stack, _)| stack.contains(part));
            of.map(|(_, count)| count).sum()
        };
        assert!(samples("running, without") < 99 / 2, "{found:?}");
        assert!(samples(not_sampled) > 0, "{found:?}");
        assert!(samples("sleep") > 99, "{found:?}");
    }
    drop(sleeping);
}

fn timers_are_deleted() {
    use std::io::{Read, Write};

    start_busy_thread(|| {});
    let server = started();
    let at = server.local_addr();
    let _ = lines(at, BUSY);
    assert_eq!(timers(), 0, "after a whole profile");

    let mut socket = connect(at);
    write!(
        socket,
        "GET /debug/pprof/profile?seconds=300 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    .unwrap();
    socket.read_exact(&mut [0; 12]).unwrap();
    poll_until("the timers", || (timers() > 0).then_some(()));
    drop(socket);
    poll_until("their end", || (timers() == 0).then_some(()));

    let mut socket = connect(at);
    write!(
        socket,
        "GET /debug/fgprof?seconds=300 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    .unwrap();
    poll_until("the timers", || (timers() > 0).then_some(()));
    server.stop();
    poll_until("their end with the server", || {
        (timers() == 0).then_some(())
    });
}
