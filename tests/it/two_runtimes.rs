//! A wedged application can still be looked at.

use std::time::{Duration, Instant};

use admin_tests::{ask, connect};

use crate::started;

#[test]
fn handlers_that_block_for_ever_do_not_stop_the_stock_routes() {
    use std::io::Write;

    let server = started();
    let wedged: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = connect(server.local_addr());
            stream
                .write_all(b"GET /wedged HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .unwrap();
            stream
        })
        .collect();
    let began = Instant::now();
    for target in ["/env", "/", "/nope"] {
        assert_ne!(
            ask(server.local_addr(), "GET", target, &[]).status,
            503,
            "{target}"
        );
    }
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    drop(wedged);
}
