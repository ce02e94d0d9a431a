//! Threads that do what is known: two functions with two thirds and one third of a thread's CPU
//! time, and one that sleeps.

use std::hint::black_box;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Builder;
use std::time::Duration;

use admin_runtime::thread_names::spawn_named;

pub(crate) const BUSY_THREAD: &str = "busy-thirds-7";
pub(crate) const SLEEPING_THREAD: &str = "sleeping-in-a-known-function";

/// Starts the threads, which never end.
pub(crate) fn start() {
    let busy = || {
        loop {
            burn_two_thirds();
            Third.burn_one_third();
        }
    };
    spawn_named(Builder::new(), BUSY_THREAD, busy).unwrap();
    let (sender, receiver) = channel::<()>();
    std::mem::forget(sender);
    spawn_named(Builder::new(), SLEEPING_THREAD, move || {
        wait_in_known_function(&receiver);
    })
    .unwrap();
}

#[inline(never)]
fn burn_two_thirds() {
    burn(black_box(Duration::from_millis(2)));
}

/// A trait, so that the name of the function is `<Third as Burn<u8>>::burn_one_third`.
trait Burn<T> {
    fn burn_one_third(&self);
}

struct Third;

impl Burn<u8> for Third {
    #[inline(never)]
    fn burn_one_third(&self) {
        burn(black_box(Duration::from_millis(1)));
    }
}

/// Uses so much CPU time of the calling thread.
#[inline(never)]
fn burn(time: Duration) {
    let end = thread_cpu_time() + time;
    let mut value = 1_u64;
    while thread_cpu_time() < end {
        for _ in 0..500 {
            value = black_box(value.wrapping_mul(3));
        }
    }
}

fn thread_cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock is one that every Linux has, and the result is a valid place to write to.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[inline(never)]
fn wait_in_known_function(receiver: &Receiver<()>) {
    while black_box(receiver).recv().is_err() {}
}
