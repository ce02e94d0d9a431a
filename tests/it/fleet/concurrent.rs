//! Several who ask the instances at the same time.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use admin_endpoints::fleet::FleetConfig;
use admin_tests::{ask, poll_until};

use super::{directory, get, register};
use crate::builder;

/// Accepts connections and never answers.
struct HangingListener {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl HangingListener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                open.push(stream);
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, accepted }
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

#[test]
fn concurrent_readers_delay_no_level_change() {
    /// Four times as many as are asked at a time, and each has a second.
    const HANGING: usize = 128;
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let hanging = HangingListener::start();
    for number in 0..HANGING {
        register(at, &format!("h{number}"), hanging.address);
    }
    // Its log levels are not installed: it answers 501.
    let worker = builder().periodic(false).start().unwrap();
    register(at, "w1", worker.local_addr());
    let readers: [_; 4] = std::array::from_fn(|_| thread::spawn(move || get(at, "/fleet/health")));
    poll_until("the first instances to be asked", || {
        (hanging.accepted() >= 32).then_some(())
    });
    let query = "logger_name=x&level=DEBUG&ttl=1m&select=name%3Dw1";
    let reply = ask(at, "PUT", &format!("/fleet/loglevel?{query}"), &[]);
    assert_eq!(reply.json()["instances"][0]["status"], 501, "{reply:?}");
    assert!(hanging.accepted() < HANGING, "it waited for the readers");
    for reader in readers {
        let report = reader.join().unwrap();
        assert_eq!(report["unreachable"], HANGING, "{report}");
    }
    assert_eq!(
        hanging.accepted(),
        HANGING,
        "each is asked once for all readers"
    );
}
