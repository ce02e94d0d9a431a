//! Blocked handlers of the application do not block the common routes.

use std::io::Write;

use admin_tests::{ask, connect};

use crate::endpoints::ENTERED;
use crate::started;

/// Workers of the runtime for user endpoints: so many handlers can block at once.
const USER_WORKERS: usize = 2;

#[test]
fn blocked_user_handlers_leave_common_routes_responsive() {
    let server = started();
    let connections: Vec<_> = (0..2 * USER_WORKERS)
        .map(|_| {
            let mut stream = connect(server.local_addr());
            let request = b"GET /wedged/two_runtimes HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request).unwrap();
            stream
        })
        .collect();
    ENTERED.wait_for("two_runtimes", USER_WORKERS);
    for (target, status) in [("/env", 200), ("/", 200), ("/nope", 404)] {
        let reply = ask(server.local_addr(), "GET", target, &[]);
        assert_eq!(reply.status, status, "{target}: {}", reply.body);
    }
    drop(connections);
}
