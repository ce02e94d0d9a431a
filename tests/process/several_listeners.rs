//! A program with several listeners that has used up its descriptors, that is stopped and continued, or
//! whose wall clock is changed.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Limits, RunningServer, admin_endpoint};
use admin_tests::{Case, Program, ask, ask_unix, cases, connect, wait_for_input};
use rustix::process::{Pid, Signal, kill_process};

use crate::client;
use crate::limits::set_limit;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        client(
            "no_descriptor_on_several_listeners",
            "several_listeners::use_up_all",
            no_loop_spins,
        ),
        client(
            "stopped_with_requests",
            "several_listeners::serve_with_short_timeouts",
            requests_survive_a_stop,
        ),
        client(
            "stopped_while_idle",
            "several_listeners::serve_with_short_timeouts",
            idle_connections_survive_a_stop,
        ),
        client(
            "clock_steps",
            "several_listeners::serve_with_a_clock",
            clock_steps_change_nothing,
        ),
        client(
            "no_rights_for_the_socket",
            "several_listeners::no_rights_for_the_socket",
            folder_is_empty,
        ),
    ]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![
        use_up_all,
        serve_with_short_timeouts,
        serve_with_a_clock,
        no_rights_for_the_socket,
    ]
}

/// How long a process is stopped; the timeouts of its server are shorter.
const STOPPED: Duration = Duration::from_secs(3);

const REQUEST: &[u8] = b"GET /name HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Seconds that are added to the wall clock of this program.
static STEP: AtomicI64 = AtomicI64::new(0);

/// The clock of this program, the one that the standard library reads: that of the kernel, and for the wall
/// clock what was added.
///
/// # Safety
///
/// `time` is null or valid for a write, as for the function of the C library.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(
    clock: libc::clockid_t,
    time: *mut libc::timespec,
) -> libc::c_int {
    // SAFETY: the caller's promise is what the system call requires.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if result == 0 && clock == libc::CLOCK_REALTIME && !time.is_null() {
        // SAFETY: the kernel has just written it.
        unsafe { (*time).tv_sec += STEP.load(Ordering::SeqCst) };
    }
    if result == 0 { 0 } else { -1 }
}

#[admin_endpoint(method = "POST", path = "/step")]
async fn step(seconds: i64) {
    STEP.store(seconds, Ordering::SeqCst);
}

/// Serves on two addresses and a Unix socket, and prints them.
fn start(limits: Limits) -> (RunningServer, PathBuf) {
    let socket = std::env::temp_dir().join(format!("admin-several-{}.sock", std::process::id()));
    let server = AdminServer::builder()
        .limits(limits)
        .listen(Listener::tcp("127.0.0.1:0"))
        .listen(Listener::tcp("[::1]:0"))
        .listen(Listener::unix(&socket))
        .start()
        .unwrap();
    let addresses = server
        .listeners()
        .iter()
        .filter_map(|open| open.local_addr());
    for address in addresses {
        println!("{address}");
    }
    println!("{}", socket.display());
    (server, socket)
}

/// What it prints.
struct Addresses {
    tcp: [SocketAddr; 2],
    unix: PathBuf,
}

impl Addresses {
    fn read(program: &mut Program) -> Self {
        Self {
            tcp: [program.address(), program.address()],
            unix: program.line().into(),
        }
    }

    fn all_answer(&self) {
        for address in self.tcp {
            assert_eq!(ask(address, "GET", "/name", &[]).body, "one");
        }
        assert_eq!(ask_unix(&self.unix, "GET", "/name", &[]).body, "one");
    }
}

/// In the program: serves, uses up all descriptors, and frees them when told to.
fn use_up_all() {
    set_limit(libc::RLIMIT_NOFILE, 256);
    let (server, _) = start(Limits::default());
    let files: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    println!("ready");
    wait_for_input();
    drop(files);
    println!("free");
    wait_for_input();
    drop(server);
}

/// In the client: no loop spins while clients wait on each listener, and all of them recover.
fn no_loop_spins(program: &mut Program) {
    let addresses = Addresses::read(program);
    assert_eq!(program.line(), "ready");
    addresses.all_answer();
    // More than the reserve has, on each.
    let busy = b"GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut waiting: Vec<TcpStream> = addresses.tcp.repeat(4).into_iter().map(connect).collect();
    for stream in &mut waiting {
        stream.write_all(busy).unwrap();
    }
    let mut over_unix: Vec<_> = (0..4)
        .map(|_| UnixStream::connect(&addresses.unix).unwrap())
        .collect();
    for stream in &mut over_unix {
        stream.write_all(busy).unwrap();
    }
    let before = program.ticks();
    thread::sleep(Duration::from_secs(1));
    let used = program.ticks() - before;
    assert!(used < 30, "{used} ticks in one second");
    program.go_on();
    assert_eq!(program.line(), "free");
    addresses.all_answer();
    drop((waiting, over_unix));
    addresses.all_answer();
    program.rest();
}

/// In the program: serves with timeouts that are shorter than it is stopped.
fn serve_with_short_timeouts() {
    let limits = Limits::default()
        .with_header_read_timeout(STOPPED / 3)
        .with_body_read_timeout(STOPPED / 3);
    let (server, _) = start(limits);
    wait_for_input();
    drop(server);
}

/// In the client: a request that came while the process was stopped is answered, however long that was.
fn requests_survive_a_stop(program: &mut Program) {
    let addresses = Addresses::read(program);
    addresses.all_answer();
    let process = Pid::from_raw(program.id().try_into().unwrap()).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    let mut sent: Vec<Box<dyn Read>> = Vec::new();
    for address in addresses.tcp {
        let mut stream = connect(address);
        stream.write_all(REQUEST).unwrap();
        sent.push(Box::new(stream));
    }
    let mut stream = UnixStream::connect(&addresses.unix).unwrap();
    stream.write_all(REQUEST).unwrap();
    sent.push(Box::new(stream));
    thread::sleep(STOPPED);
    kill_process(process, Signal::CONT).unwrap();
    for mut stream in sent {
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).expect("a reply");
        assert_eq!(&begin, b"HTTP/1.1 200");
    }
    addresses.all_answer();
    let health = ask(addresses.tcp[0], "GET", "/livez?verbose", &[]);
    assert_eq!(health.status, 200, "{health:?}");
    program.rest();
}

/// In the client: a connection that is idle when the process is stopped serves its next request, or ends.
fn idle_connections_survive_a_stop(program: &mut Program) {
    let addresses = Addresses::read(program);
    let mut idle: Vec<TcpStream> = addresses.tcp.into_iter().map(connect).collect();
    for stream in &mut idle {
        stream.write_all(REQUEST).unwrap();
        read_reply(stream);
    }
    let process = Pid::from_raw(program.id().try_into().unwrap()).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    for stream in &mut idle {
        stream.write_all(REQUEST).unwrap();
    }
    thread::sleep(STOPPED);
    kill_process(process, Signal::CONT).unwrap();
    for stream in &mut idle {
        read_reply(stream);
    }
    program.rest();
}

/// A reply of `/name`, whole.
fn read_reply(stream: &mut TcpStream) {
    let mut received = Vec::new();
    let mut byte = [0];
    while !received.ends_with(b"\r\n\r\none") {
        stream.read_exact(&mut byte).expect("a reply");
        received.push(byte[0]);
    }
    assert!(received.starts_with(b"HTTP/1.1 200"));
}

fn serve_with_a_clock() {
    let (server, _) = start(Limits::default());
    wait_for_input();
    drop(server);
}

/// In the client: a wall clock that is set forward or back by years, not before 1970, which the kernel refuses,
/// changes times that are shown, and nothing else.
fn clock_steps_change_nothing(program: &mut Program) {
    const YEAR: i64 = 365 * 24 * 3600;
    let addresses = Addresses::read(program);
    let at = addresses.tcp[0];
    let mut uptime = 0.0;
    for seconds in [0, YEAR, -YEAR, 40 * YEAR, -50 * YEAR, 0] {
        let target = format!("/step?seconds={seconds}");
        assert_eq!(ask(at, "POST", &target, &[]).status, 204);
        addresses.all_answer();
        for path in [
            "/livez",
            "/readyz",
            "/periodic-threads",
            "/audit",
            "/threads",
        ] {
            let reply = ask(at, "GET", path, &[]);
            assert_eq!(reply.status, 200, "{path} at {seconds}: {reply:?}");
        }
        let build = ask(at, "GET", "/build", &[]).json();
        let now = build["uptime_seconds"].as_f64().expect("a number");
        assert!(
            (uptime..uptime + 600.0).contains(&now),
            "{uptime}, then {now}"
        );
        uptime = now;
        let before = program.ticks();
        thread::sleep(Duration::from_millis(300));
        let used = program.ticks() - before;
        assert!(used < 20, "{used} ticks while nothing is asked");
    }
    program.rest();
}

/// In the program: a socket in a folder that only another user may write to.
fn no_rights_for_the_socket() {
    if !rustix::process::geteuid().is_root() {
        return println!();
    }
    let folder = std::env::temp_dir().join(format!("admin-rights-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    println!("{}", folder.display());
    let path = folder.join("admin.sock");
    crate::start_failure::become_another_user();
    let error = AdminServer::builder()
        .listen(Listener::unix(&path))
        .start()
        .unwrap_err()
        .to_string();
    assert_names(&error, &path);
}

fn assert_names(error: &str, path: &Path) {
    let expected = format!("{}: Permission denied", path.display());
    assert!(error.contains(&expected), "{error}");
    assert!(
        error.contains("a folder that the program may write to"),
        "{error}"
    );
}

/// In the client, which may remove the folder. A program that is not root has no other user to be, and
/// prints none.
fn folder_is_empty(program: &mut Program) {
    let folder = program.line();
    assert_eq!(program.rest(), "");
    if !folder.is_empty() {
        std::fs::remove_dir(folder).expect("nothing is in it");
    }
}
