//! An application that uses SIGURG itself.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread::Builder;

use admin_endpoints::threads::{NoStack, Query, Report, capture};
use admin_tests::{Case, cases};

pub(crate) fn cases() -> Vec<Case> {
    cases![foreign_signals_reach_the_previous_handler]
}

static FIRST: AtomicU32 = AtomicU32::new(0);
static SECOND: AtomicU32 = AtomicU32::new(0);

extern "C" fn first(_: libc::c_int) {
    FIRST.fetch_add(1, Ordering::SeqCst);
}

extern "C" fn second(_: libc::c_int) {
    SECOND.fetch_add(1, Ordering::SeqCst);
}

fn handle(handler: extern "C" fn(libc::c_int)) {
    // SAFETY: both handlers only add to an atomic, which is async-signal-safe.
    let result = unsafe { libc::signal(libc::SIGURG, handler as libc::sighandler_t) };
    assert_ne!(result, libc::SIG_ERR);
}

fn raise() {
    // SAFETY: a handler for SIGURG is installed.
    assert_eq!(unsafe { libc::raise(libc::SIGURG) }, 0);
}

fn dump() -> Report {
    capture(Query::default().with_name("handlers-")).unwrap()
}

fn foreign_signals_reach_the_previous_handler() {
    handle(first);
    let (arrived, arrivals) = channel();
    let thread = move || {
        arrived.send(()).unwrap();
        loop {
            black_box(());
        }
    };
    Builder::new()
        .name("handlers-busy".to_owned())
        .spawn(thread)
        .unwrap();
    arrivals.recv().unwrap();

    for _ in 0..20 {
        let report = dump();
        assert!(report.threads[0].stack.is_ok(), "{:?}", report.threads[0]);
    }
    assert_eq!(
        FIRST.load(Ordering::SeqCst),
        0,
        "the application saw our signals"
    );
    raise();
    assert_eq!(
        FIRST.load(Ordering::SeqCst),
        1,
        "the application's signal was lost"
    );

    // The application takes the signal over: ours must not be sent to a handler that is not ours.
    handle(second);
    assert_eq!(
        dump().threads[0].stack.as_ref().err(),
        Some(&NoStack::HandlerReplaced)
    );
    assert_eq!(
        SECOND.load(Ordering::SeqCst),
        0,
        "a signal was sent to the new handler"
    );
    raise();
    assert_eq!(
        (FIRST.load(Ordering::SeqCst), SECOND.load(Ordering::SeqCst)),
        (1, 1)
    );
}
