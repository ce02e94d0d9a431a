//! How soon a new certificate is served.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use admin_tests::TlsClient;

use crate::server::{ServerProcess, write_certificate};

/// Longest wait.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) fn measure() {
    let server = ServerProcess::start(256, Some("one"));
    let pem = write_certificate(server.folder(), "two");
    let began = Instant::now();
    let client = TlsClient::trusting(&pem);
    loop {
        let mut stream = client.connect(server.address).unwrap();
        // The first byte makes the handshake, which fails while the old one is served.
        if stream.write_all(b"G").and_then(|()| stream.flush()).is_ok() {
            break;
        }
        assert!(began.elapsed() < TIMEOUT, "the old certificate is served");
        thread::sleep(Duration::from_millis(50));
    }
    println!("rotation_s: {:.1}", began.elapsed().as_secs_f64());
}
