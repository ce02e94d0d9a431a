//! Servers whose handlers block, that are stopped, or whose process has little memory left, seen by
//! clients in another process.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Condvar, Mutex};

use admin_runtime::{AdminServer, RunningServer, admin_endpoint};
use admin_tests::{Case, Program, ask, cases, connect, poll_until, read_to_end, wait_for_input};

use crate::client;
use crate::limits::set_limit;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        client(
            "user_runtime_is_blocked",
            "under_stress::serve_until_released",
            blocked_runtime_is_shown,
        ),
        client(
            "sync_handler_at_sigterm",
            "under_stress::serve_until_sigterm",
            sync_handler_answers_after_sigterm,
        ),
        client(
            "many_series_and_little_memory",
            "under_stress::serve_many_series",
            scrapes_are_whole,
        ),
    ]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![serve_until_released, serve_until_sigterm, serve_many_series]
}

const SERIES: usize = 200_000;

/// What the process may allocate while it is scraped.
const SPARE_BYTES: u64 = 4 << 20;

static IS_RELEASED: Mutex<bool> = Mutex::new(false);
static RELEASE: Condvar = Condvar::new();

fn wait_for_release() {
    let released = IS_RELEASED.lock().unwrap();
    drop(RELEASE.wait_while(released, |released| !*released));
}

fn release() {
    *IS_RELEASED.lock().unwrap() = true;
    RELEASE.notify_all();
}

/// Blocks a thread of the runtime, which an async handler must not.
#[admin_endpoint(path = "/wrong")]
async fn wrong() -> &'static str {
    wait_for_release();
    "released"
}

#[admin_endpoint(path = "/long")]
fn long() -> &'static str {
    println!("entered");
    wait_for_release();
    "released"
}

fn start() -> RunningServer {
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    println!("{}", server.local_addr());
    server
}

fn begin(at: SocketAddr, path: &str) -> TcpStream {
    let mut client = connect(at);
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).unwrap();
    client
}

fn assert_released(mut client: TcpStream) {
    let reply = read_to_end(&mut client).expect("a reply");
    assert_eq!((reply.status, reply.body.as_str()), (200, "released"));
}

fn serve_until_released() {
    admin_endpoints::metrics::install().unwrap();
    let server = start();
    wait_for_input();
    release();
    wait_for_input();
    server.stop();
}

fn blocked_runtime_is_shown(program: &mut Program) {
    let at = program.address();
    let is_shown = |blocked: bool| {
        let line = format!("admin_user_runtime_blocked {}", u8::from(blocked));
        let metrics = ask(at, "GET", "/metrics", &[]).body;
        let index = ask(at, "GET", "/", &["Accept: application/json"]).body;
        let index: serde_json::Value = serde_json::from_str(&index).unwrap();
        let is_shown = metrics.lines().any(|found| found == line)
            && index["user_runtime"]["blocked"] == serde_json::json!(blocked);
        is_shown.then_some(())
    };
    poll_until("a free runtime", || is_shown(false));
    let blocking: Vec<_> = (0..4).map(|_| begin(at, "/wrong")).collect();
    poll_until("a blocked runtime", || is_shown(true));
    assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    program.go_on();
    blocking.into_iter().for_each(assert_released);
    poll_until("a free runtime again", || is_shown(false));
}

fn serve_until_sigterm() {
    let mut signals = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is initialised by the first call. This is the only thread, so that the others
    // block the signal too.
    unsafe {
        libc::sigemptyset(signals.as_mut_ptr());
        libc::sigaddset(signals.as_mut_ptr(), libc::SIGTERM);
        libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), std::ptr::null_mut());
    }
    let server = start();
    let input = std::thread::Builder::new().spawn(|| {
        wait_for_input();
        release();
    });
    let mut signal = 0;
    // SAFETY: both are valid, and the signal is blocked.
    assert_eq!(unsafe { libc::sigwait(signals.as_ptr(), &mut signal) }, 0);
    server.stop();
    input.unwrap().join().unwrap();
}

fn sync_handler_answers_after_sigterm(program: &mut Program) {
    let at = program.address();
    let client = begin(at, "/long");
    assert_eq!(program.line(), "entered");
    // SAFETY: the process is a child of this one that was not waited for.
    unsafe { libc::kill(program.id().try_into().unwrap(), libc::SIGTERM) };
    poll_until("a closed port", || TcpStream::connect(at).err());
    program.go_on();
    assert_released(client);
}

fn serve_many_series() {
    admin_endpoints::metrics::install().unwrap();
    for series in 0..SERIES {
        metrics::counter!("blocks_total", "series" => series.to_string()).increment(1);
    }
    let server = start();
    wait_for_input();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    set_limit(
        libc::RLIMIT_DATA,
        kib.parse::<u64>().unwrap() * 1024 + SPARE_BYTES,
    );
    println!("limited");
    wait_for_input();
    server.stop();
}

fn scrapes_are_whole(program: &mut Program) {
    let at = program.address();
    // The threads that answer are there.
    assert_eq!(ask(at, "GET", "/name", &[]).status, 200);
    program.go_on();
    assert_eq!(program.line(), "limited");
    let scrape = || {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--fail", &format!("http://{at}/metrics")]);
        curl.stdout(Stdio::piped()).spawn().unwrap()
    };
    let scrapes: Vec<_> = (0..8).map(|_| scrape()).collect();
    for scrape in scrapes {
        let output = scrape.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", output.status);
        let text = String::from_utf8(output.stdout).unwrap();
        let series = text
            .lines()
            .filter(|line| line.starts_with("blocks_total{"));
        assert_eq!(series.count(), SERIES);
    }
}
