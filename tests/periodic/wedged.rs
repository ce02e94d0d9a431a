//! Bodies that block for ever hold up nobody but their kind.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use admin_runtime::Level;

use crate::threads::Switch;
use crate::{PATIENCE, ask, builder};

#[test]
fn async_bodies_that_block_the_users_runtime_do_not_stop_the_routes() {
    let limits = admin_runtime::Limits {
        graceful_stop: Duration::from_millis(50),
        ..admin_runtime::Limits::default()
    };
    let server = builder("wedged", &Switch::default())
        .limits(limits)
        .start()
        .unwrap();
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let gate = Arc::clone(&gate);
            let thread = server
                .periodic_threads()
                .builder(format!("wedged {number}"));
            let thread = thread
                .level(Level::Critical)
                .interval(Duration::from_millis(50));
            let thread = thread
                .timeout(Duration::from_millis(50))
                .run_async(move || {
                    let gate = Arc::clone(&gate);
                    async move {
                        let (open, opened) = &*gate;
                        let open = open.lock().expect("nobody panics");
                        drop(opened.wait_timeout_while(open, PATIENCE, |open| !*open));
                    }
                });
            thread.unwrap()
        })
        .collect();
    // Those that got a worker are stuck, those that got none are overdue.
    for thread in &threads {
        assert!(
            thread.wait_until(PATIENCE, |status| !status.is_active),
            "{thread:?}"
        );
    }
    let began = Instant::now();
    let health = ask(
        server.local_addr(),
        "GET",
        "/periodic-threads-health?probe=1",
        &[],
    );
    let list = ask(server.local_addr(), "GET", "/periodic-threads", &[]);
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!((health.status, list.status), (503, 200));
    let (open, opened) = &*gate;
    *open.lock().unwrap() = true;
    opened.notify_all();
    for thread in &threads {
        assert!(
            thread.wait_until(PATIENCE, |status| status.is_active),
            "{thread:?}"
        );
    }
}
