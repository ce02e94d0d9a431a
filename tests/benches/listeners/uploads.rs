//! Memory of uploads that are never finished.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use admin_runtime::Limits;

use crate::server::ServerProcess;

const UPLOADS: usize = 250;

/// All but the last byte of what each has announced is sent.
const ANNOUNCED_BYTES: usize = 1 << 20;

pub(crate) fn measure() {
    let limits = Limits::default();
    let server = ServerProcess::start(limits.max_connections, None);
    let before = server.status("RssAnon:");
    let body = vec![b'x'; ANNOUNCED_BYTES - 1];
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n\
         Content-Length: {ANNOUNCED_BYTES}\r\n\r\n"
    );
    let clients: Vec<_> = (0..UPLOADS)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            // Beyond the budget the server does not read, or refuses.
            stream
                .set_write_timeout(Some(Duration::from_millis(100)))
                .unwrap();
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
            stream
        })
        .collect();
    let mut most = 0;
    for _ in 0..20 {
        most = most.max(server.status("RssAnon:"));
        thread::sleep(Duration::from_millis(50));
    }
    drop(clients);
    let budget = limits.max_buffered_body_bytes >> 20;
    println!("body_budget_mib: {budget}");
    let used = most.saturating_sub(before) / 1024;
    println!("unfinished_uploads_mib: {used}");
}
