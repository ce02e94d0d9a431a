//! Parameters, limits and clients that go away.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::Builder;

use admin_runtime::AdminServer;
use admin_tests::{Case, ask, cases, connect, poll_until};

use crate::address;
use crate::go_tool::ProfileFile;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        values_out_of_range_are_refused,
        a_proxy_needs_credentials,
        a_fifth_profile_waits_for_the_others,
        a_profile_ends_early_when_its_server_stops,
        a_head_request_takes_no_samples
    ]
}

const LONG: &str = "/debug/pprof/profile?seconds=300&name=none";

/// Other tests make profiles too, so that these are in one function, in order.
fn begun(target: &str) -> Option<TcpStream> {
    let mut socket = connect(address());
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    socket.write_all(request.as_bytes()).unwrap();
    let mut head = [0; 12];
    socket.read_exact(&mut head).unwrap();
    (&head == b"HTTP/1.1 200").then_some(socket)
}

fn values_out_of_range_are_refused() {
    for (query, part) in [
        ("seconds=0", "from 1 to 300"),
        ("seconds=301", "from 1 to 300"),
        ("seconds=x", "from 1 to 300"),
        ("frequency=0", "from 1 to 1000"),
        ("frequency=1001", "from 1 to 1000"),
        ("format=png", "pprof, collapsed or svg"),
        ("thread_id=-1", "thread_id"),
    ] {
        let target = format!("/debug/pprof/profile?{query}");
        let reply = ask(address(), "GET", &target, &[]);
        assert_eq!(reply.status, 400, "{query}: {reply:?}");
        assert!(reply.body.contains(part), "{query}: {reply:?}");
    }
    let reply = ask(address(), "GET", "/debug/fgprof?state=idle", &[]);
    assert_eq!(reply.status, 400, "{reply:?}");
}

fn a_proxy_needs_credentials() {
    for path in ["/debug/pprof/profile", "/debug/fgprof"] {
        let reply = ask(address(), "GET", path, &["X-Forwarded-For: 127.0.0.1"]);
        assert_eq!(reply.status, 403, "{reply:?}");
    }
}

fn a_fifth_profile_waits_for_the_others() {
    let mut sockets = Vec::new();
    let refused = poll_until("a refusal", || {
        if let Some(socket) = begun(LONG) {
            sockets.push(socket);
        }
        let reply = ask(address(), "HEAD", LONG, &[]);
        (reply.status == 429).then_some(reply)
    });
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    // Clients that have read the head close with a FIN only: the next bytes are refused.
    drop(sockets);
    poll_until("the end of a session", || {
        (ask(address(), "HEAD", LONG, &[]).status == 200).then_some(())
    });
}

fn a_profile_ends_early_when_its_server_stops() {
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let url = format!("http://{}{LONG}", server.local_addr());
    let mut reply = poll_until("a session", || ureq::get(&url).call().ok());
    let stopping = Builder::new().spawn(|| server.stop()).unwrap();
    let file = ProfileFile::new(&reply.body_mut().read_to_vec().unwrap());
    stopping.join().unwrap();
    let comments = file.show(&["-comments"]);
    assert!(comments.contains("ended early"), "{comments}");
}

fn a_head_request_takes_no_samples() {
    poll_until("a session", || {
        let reply = ask(address(), "HEAD", LONG, &[]);
        if reply.status == 429 {
            return None;
        }
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.header("content-type"), "application/octet-stream");
        let disposition = reply.header("content-disposition");
        assert_eq!(disposition, "attachment; filename=\"profile.pb.gz\"");
        Some(())
    });
}
