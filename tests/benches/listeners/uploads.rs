//! Memory of uploads that are never finished.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use admin_runtime::Limits;

use crate::server::ServerProcess;

const UPLOADS: usize = 250;

/// A client that cannot send for so long waits for the server.
const WRITE_TIMEOUT: Duration = Duration::from_millis(10);

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
    let mut clients: Vec<_> = (0..UPLOADS)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            // Beyond the budget the server does not read, or refuses.
            stream.set_write_timeout(Some(WRITE_TIMEOUT)).unwrap();
            let _ = stream.write_all(head.as_bytes());
            (stream, 0)
        })
        .collect();
    // Until no client can send more.
    let mut is_moving = true;
    while is_moving {
        is_moving = false;
        for (stream, sent) in &mut clients {
            let count = stream.write(&body[*sent..]).unwrap_or(0);
            *sent += count;
            is_moving |= count > 0;
        }
    }
    let mut most = 0;
    for _ in 0..20 {
        most = most.max(server.status("RssAnon:"));
        thread::sleep(Duration::from_millis(50));
    }
    let sent: usize = clients.iter().map(|(_, sent)| sent).sum();
    drop(clients);
    let budget = limits.max_buffered_body_bytes >> 20;
    println!("body_budget_mib: {budget}");
    let used = most.saturating_sub(before) / 1024;
    println!("unfinished_uploads_sent_mib: {}", sent >> 20);
    println!("unfinished_uploads_mib: {used}");
}
