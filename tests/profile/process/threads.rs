//! Threads with small stacks, many threads, and dumps at the same time.

use std::hint::black_box;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, park};
use std::time::Duration;

use admin_tests::{Case, ask, cases, poll_until};

use super::{
    assert_alive, burn_in_known_function, has_known_function, lines, notes, notes_of, started,
};

pub(crate) fn cases() -> Vec<Case> {
    let mut all = cases![
        small_stacks,
        short_bursts,
        short_lived,
        renamed,
        beside_dumps,
        dumps_are_sampled
    ];
    // A container may permit no more threads than these.
    all.extend(cases![many_threads].into_iter().map(Case::alone));
    all
}

/// Uses so much CPU time of the calling thread.
#[inline(never)]
pub(crate) fn burn(time: Duration) {
    let now = || {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: every Linux has the clock, and the result is a valid place to write to.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let end = now() + time;
    let mut value = 1_u64;
    while now() < end {
        for _ in 0..500 {
            value = black_box(value.wrapping_mul(3));
        }
    }
}

/// What the process used, and what the samples stand for.
#[track_caller]
fn used_and_sampled(notes: &str) -> [f64; 2] {
    let (_, sentence) = notes.split_once("The process used ").unwrap();
    let seconds = sentence.split(' ').filter_map(|word| word.parse().ok());
    let seconds: Vec<f64> = seconds.take(2).collect();
    seconds.try_into().unwrap()
}

/// Threads that use less than a period each are sampled with the right probability.
fn short_bursts() {
    static BURST: AtomicBool = AtomicBool::new(false);
    const COUNT: usize = 400;
    const TIME: Duration = Duration::from_millis(7); // of 10 between two samples

    let body = || {
        while !BURST.load(Ordering::Relaxed) {
            park();
        }
        burn(TIME);
        loop {
            park();
        }
    };
    let start = |_| Builder::new().stack_size(64 * 1024).spawn(body).unwrap();
    let threads: Vec<_> = (0..COUNT).map(start).collect();
    let server = started();
    let at = server.local_addr();
    let profile = move || {
        let target = "/debug/pprof/profile?seconds=5&format=svg";
        notes_of(&super::profile(at, target))
    };
    let profile = Builder::new().spawn(profile).unwrap();
    poll_until("the timers of the profile", || {
        let timers = std::fs::read_to_string("/proc/self/timers").unwrap();
        (timers.matches("ID:").count() > COUNT).then_some(())
    });
    BURST.store(true, Ordering::Relaxed);
    threads.iter().for_each(|thread| thread.thread().unpark());
    let notes = profile.join().unwrap();
    let [used, sampled] = used_and_sampled(&notes);
    assert!(used > 1.0, "{used} s were used");
    // A virtual machine may lose ticks of the kernel.
    assert!(
        (0.35..1.3).contains(&(sampled / used)),
        "{sampled} s of {used} s"
    );
}

/// Threads that end before they are found are told as time without samples.
fn short_lived() {
    let body = || {
        loop {
            let short = Builder::new().spawn(|| burn(Duration::from_millis(2)));
            short.unwrap().join().unwrap();
        }
    };
    Builder::new().spawn(body).unwrap();
    let server = started();
    let at = server.local_addr();
    let found = lines(at, "/debug/pprof/profile?seconds=1&format=collapsed");
    let is_told = |(stack, count): &(String, u64)| {
        stack == "[not sampled: short-lived threads]" && *count > 0
    };
    assert!(found.iter().any(is_told), "{found:?}");
    let found = notes(at, "");
    assert!(found.contains("(short-lived threads)"), "{found}");
    assert!(!found.contains("Threads that block"), "{found}");

    let found = lines(at, "/debug/fgprof?seconds=1&format=collapsed");
    assert!(found.iter().any(is_told), "{found:?}");
    let svg = super::profile(at, "/debug/fgprof?seconds=1&format=svg");
    let found = notes_of(&svg);
    assert!(found.contains("ended before they were found"), "{found}");
    let svg = String::from_utf8(svg).unwrap();
    assert!(svg.contains("<title>[not sampled: short-lived"), "{svg}");
}

/// A thread that gets its name during a profile is sampled from then on.
fn renamed() {
    static RENAMED: AtomicBool = AtomicBool::new(false);

    let body = || {
        while !RENAMED.load(Ordering::Relaxed) {
            park();
        }
        // SAFETY: the name ends with NUL.
        unsafe { libc::prctl(libc::PR_SET_NAME, c"wanted-name".as_ptr()) };
        burn_in_known_function();
    };
    let busy = Builder::new().name("other".to_owned()).spawn(body).unwrap();
    let server = started();
    let at = server.local_addr();
    let target = "/debug/pprof/profile?seconds=3&name=wanted&format=svg";
    let mut reply = ureq::get(format!("http://{at}{target}")).call().unwrap();
    let mut body = reply.body_mut().as_reader();
    // The head of the reply, and the line that is sent after a second.
    let mut beginning = [0; 40];
    body.read_exact(&mut beginning).unwrap();
    RENAMED.store(true, Ordering::Relaxed);
    busy.thread().unpark();
    let mut svg = String::new();
    body.read_to_string(&mut svg).unwrap();
    assert!(svg.contains("burn_in_known_function"), "{svg}");
}

fn small_stacks() {
    for number in 0..4 {
        let builder = Builder::new().name(format!("small-{number}"));
        let builder = builder.stack_size(64 * 1024);
        builder.spawn(burn_in_known_function).unwrap();
    }
    let server = started();
    let found = lines(
        server.local_addr(),
        "/debug/pprof/profile?seconds=1&frequency=1000&name=small&format=collapsed",
    );
    assert!(has_known_function(&found), "{found:?}");
    assert_alive(server.local_addr());
}

fn many_threads() {
    const COUNT: usize = 10_000;

    let parked = || -> ! {
        loop {
            park();
        }
    };
    let mut started_threads = 0;
    for _ in 0..COUNT {
        let builder = Builder::new().name("parked".to_owned());
        // A container may not permit so many.
        started_threads += usize::from(builder.stack_size(64 * 1024).spawn(parked).is_ok());
    }
    assert!(started_threads > 100, "{started_threads} threads");
    let busy = Builder::new().name("busy".to_owned());
    busy.spawn(burn_in_known_function).unwrap();
    let server = started();
    let at = server.local_addr();
    let found = lines(at, "/debug/pprof/profile?seconds=2&format=collapsed");
    assert!(has_known_function(&found), "{found:?}");
    let found = lines(at, "/debug/fgprof?seconds=2&format=collapsed&name=parked");
    let seen: u64 = found.iter().map(|(_, count)| count).sum();
    assert!(seen > started_threads as u64, "{seen} samples");
    assert!(!notes(at, "").contains("were lost"));
}

fn beside_dumps() {
    let busy = Builder::new().name("busy".to_owned());
    busy.spawn(burn_in_known_function).unwrap();
    let server = started();
    let at = server.local_addr();
    let profile = |target: &'static str| Builder::new().spawn(move || lines(at, target)).unwrap();
    let profiles = [
        profile("/debug/pprof/profile?seconds=4&frequency=999&name=busy&format=collapsed"),
        profile("/debug/pprof/profile?seconds=4&name=busy&format=collapsed"),
    ];
    for _ in 0..100 {
        let dump = ask(at, "GET", "/threads?name=busy", &[]);
        assert!(dump.body.contains("Stack trace:\n"), "{}", dump.body);
    }
    let [fast, slow] = profiles.map(|profile| profile.join().unwrap());
    assert!(has_known_function(&fast) && has_known_function(&slow));
    // Each has the frequency that it asked for.
    let total = |found: &[(String, u64)]| found.iter().map(|(_, count)| count).sum::<u64>();
    assert!(
        total(&fast) > 5 * total(&slow),
        "{} {}",
        total(&fast),
        total(&slow)
    );
}

/// The thread that takes dumps blocks the signals of the program, but not those of a profile.
fn dumps_are_sampled() {
    let server = started();
    let at = server.local_addr();
    let target = "/debug/pprof/profile?seconds=3&name=admin-thread-dump&format=collapsed";
    let profile = Builder::new().spawn(move || lines(at, target)).unwrap();
    while !profile.is_finished() {
        assert_alive(at);
    }
    let found = profile.join().unwrap();
    let is_dump = |(stack, _): &(String, u64)| stack.contains("Collector::collect");
    assert!(found.iter().any(is_dump), "{found:?}");
}
