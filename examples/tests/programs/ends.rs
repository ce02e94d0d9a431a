//! How they end, and how they fail to begin.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::clients::get;
use crate::process::{ALL, CONTROLLER, Process, SCHEDULER, WORKER, run};

/// What a stop may take without requests in flight; with them, the server's graceful stop is 5 s.
const PROMPT: Duration = Duration::from_secs(4);

#[test]
fn signals_end_each_cleanly() {
    for binary in ALL {
        for signal in ["TERM", "INT"] {
            let mut process = Process::start(binary, &[]);
            // An idle connection must not hold up the end.
            let idle = TcpStream::connect(&process.address).expect("it listens");
            assert_eq!(get(&process.url("/cache/stats"), None).0, 200);
            let asked = Instant::now();
            process.signal(signal);
            process.logged(&["ending", &format!("SIG{signal}")]);
            assert_eq!(process.ended().code(), Some(0), "{binary} on SIG{signal}");
            let took = asked.elapsed();
            assert!(
                took < PROMPT,
                "{binary} took {took:?} to end on SIG{signal}"
            );
            drop(idle);
        }
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut process = Process::start(SCHEDULER, &[]);
    // A request whose body does not come is in flight, and the first signal waits for it.
    let mut slow = TcpStream::connect(&process.address).expect("it listens");
    let head = "POST /queue HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
                Content-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    slow.write_all(head.as_bytes()).expect("it reads");
    // "100 Continue" comes when the body is waited for.
    let mut reply = [0; 12];
    std::io::Read::read_exact(&mut slow, &mut reply).expect("it answers");
    assert_eq!(&reply, b"HTTP/1.1 100");
    process.signal("TERM");
    process.logged(&["ending"]);
    process.signal("TERM");
    assert_eq!(process.ended().code(), Some(1));
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    for binary in ALL {
        let (status, stderr) = run(binary, &["--port", &address.port().to_string()]);
        assert_eq!(status, Some(1), "{stderr}");
        let error = format!("Error: cannot listen on {address}: ");
        // The log comes before it: that of the start, and the server's own error.
        let is_log = |line: &&str| line.contains("INFO") || line.contains("ERROR admin_runtime");
        let told: Vec<_> = stderr.lines().filter(|line| !is_log(line)).collect();
        assert!(told.len() == 1 && told[0].starts_with(&error), "{stderr}");
        assert!(told[0].contains("--port"), "{stderr}");
    }
}

#[test]
fn each_has_its_own_default_port() {
    let expected: [(&str, &[&str], u16); 4] = [
        (SCHEDULER, &[], 6999),
        (WORKER, &[], 7000),
        (WORKER, &["--index", "3"], 7003),
        (CONTROLLER, &[], 9000),
    ];
    // A loopback address of this test's own, so that programs on the usual one do not matter.
    let [.., high, low] = std::process::id().to_be_bytes();
    let host = format!("127.9.{high}.{low}");
    for (binary, args, port) in expected {
        // In use, by this test or another process: the error names the port.
        let _taken = TcpListener::bind((host.as_str(), port));
        let (status, stderr) = run(binary, &[args, &["--host", &host]].concat());
        assert_eq!(status, Some(1), "{stderr}");
        assert!(stderr.contains(&format!("{host}:{port}")), "{stderr}");
    }
}

#[test]
fn mistakes_are_named_before_anything_starts() {
    let mistakes: [(&str, &[&str], i32, &str); 6] = [
        (WORKER, &["--index", "60000"], 2, "60000"),
        (WORKER, &["--host", "localhost"], 2, "localhost"),
        (WORKER, &["--log", "info,x=loud"], 2, "loud"),
        (WORKER, &["--token-file", "/nowhere"], 1, "/nowhere"),
        (WORKER, &["--port", "0", "--token", ""], 1, "empty"),
        (CONTROLLER, &["--worker", "7000"], 2, "7000"),
    ];
    for (binary, args, status, named) in mistakes {
        let (code, stderr) = run(binary, args);
        assert_eq!(code, Some(status), "{args:?}: {stderr}");
        assert!(stderr.contains(named), "{args:?}: {stderr}");
    }
    let (status, _) = run(CONTROLLER, &["--help"]);
    assert_eq!(status, Some(0));
}

#[test]
fn too_many_workers_are_refused() {
    let many = ["--worker", "127.0.0.1:1"].repeat(33);
    let (status, stderr) = run(CONTROLLER, &many);
    assert_eq!(status, Some(1));
    assert!(stderr.contains("33 times, at most 32"), "{stderr}");
}
