//! Mixed load over all routes on three listeners: nothing grows, and nothing unexpected is answered.
//!
//! `SOAK_SECONDS` says how long (default 3). What the process uses is compared after that load with what it
//! used after a shorter one of the same kind, the warm-up: descriptors, threads and child processes must not
//! be more, anonymous memory at most [`MEMORY_MARGIN_KIB`] more.

mod connection;
mod operation;
mod program;
mod usage;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use admin_tests::{Case, Program};

use self::connection::{Listeners, Way};
use self::operation::Operation;
use self::usage::Usage;
use crate::client;

/// What the heap may keep beyond the warm-up: free parts of its arenas.
const MEMORY_MARGIN_KIB: u64 = 4096;

/// Clients whose requests take a second or more, and clients whose requests are short.
const WAITING_CLIENTS: usize = 3;
const SHORT_CLIENTS: usize = 5;

/// What the case may take besides, on a busy machine.
const MARGIN: Duration = Duration::from_secs(1200);

/// Nothing else uses the processors meanwhile: requests have time limits.
pub(crate) fn cases() -> Vec<Case> {
    let case = client("soak", "soak::program::serve", nothing_grows);
    vec![
        case.with_timeout(2 * Duration::from_secs(seconds()) + MARGIN)
            .alone(),
    ]
}

pub(crate) fn programs() -> Vec<Case> {
    program::programs()
}

fn seconds() -> u64 {
    let seconds = std::env::var("SOAK_SECONDS").ok();
    seconds.map_or(3, |seconds| seconds.parse().expect("seconds"))
}

/// How often each operation was sent and how long it took, and what was not as expected.
#[derive(Default)]
struct Counts {
    sent: BTreeMap<String, (u32, Duration)>,
    errors: BTreeMap<String, u64>,
}

/// In the client.
fn nothing_grows(program: &mut Program) {
    let listeners = Listeners::read(program);
    let seconds = seconds();
    let counts = Mutex::new(Counts::default());
    // Each operation over each listener, so that all that is made on demand is there.
    for operation in Operation::ALL {
        for way in Way::ALL {
            send(&listeners, operation, way, 0, &counts);
        }
    }
    let warm_up = Duration::from_secs((seconds / 4).clamp(3, 30));
    load(&listeners, warm_up, &counts);
    let start = Usage::settled(program.id());
    println!("after {} s: {start}", warm_up.as_secs());
    load(&listeners, Duration::from_secs(seconds), &counts);
    let end = Usage::at_most(program.id(), &start, MEMORY_MARGIN_KIB);
    println!("after {seconds} s more: {end}");
    let counts = counts.into_inner().unwrap();
    for (what, (count, time)) in &counts.sent {
        println!("{what}: {count}, {:.1?} each", *time / *count);
    }
    println!("errors: {:#?}", counts.errors);
    assert!(
        counts.errors.is_empty(),
        "{} kinds of errors",
        counts.errors.len()
    );
    assert!(
        end.is_at_most(&start, MEMORY_MARGIN_KIB),
        "it has grown: {start}, then {end}"
    );
    assert_eq!(program.rest(), "");
}

fn load(listeners: &Listeners, duration: Duration, counts: &Mutex<Counts>) {
    let end = Instant::now() + duration;
    let turns = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..WAITING_CLIENTS + SHORT_CLIENTS {
            let operations = if client < WAITING_CLIENTS {
                Operation::WAITING
            } else {
                Operation::SHORT
            };
            let turns = &turns;
            scope.spawn(move || {
                while Instant::now() < end {
                    let turn = turns.fetch_add(1, Ordering::Relaxed);
                    let operation = operations[turn % operations.len()];
                    let way = Way::ALL[turn / operations.len() % Way::ALL.len()];
                    send(listeners, operation, way, turn, counts);
                }
            });
        }
    });
}

fn send(
    listeners: &Listeners,
    operation: Operation,
    way: Way,
    turn: usize,
    counts: &Mutex<Counts>,
) {
    let begun = Instant::now();
    let outcome = operation.send(listeners.connect(way), turn);
    let mut counts = counts.lock().unwrap();
    let (count, time) = counts.sent.entry(format!("{operation:?}")).or_default();
    *count += 1;
    *time += begun.elapsed();
    if let Err(what) = outcome {
        let what = format!("{operation:?} over {way:?}: {what}");
        *counts.errors.entry(what).or_default() += 1;
    }
}
