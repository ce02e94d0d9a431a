//! Dumps of a process that is short of memory, descriptors, threads or `/proc`.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::Builder;
use std::time::Duration;

use admin_endpoints::threads::{CaptureError, Layout, Query, ThreadsConfig, capture};
use admin_runtime::testing::TestClient;
use admin_runtime::{AdminServer, RunningServer, thread_names};
use admin_tests::{Case, ask, cases, poll_until};

use crate::stacks::{drop_privileges, start_both};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        memory_is_returned,
        little_memory,
        no_symbol_memory,
        no_descriptor_at_first,
        no_descriptor_later,
        no_thread,
        no_proc,
        full_names
    ]
}

const MIB: u64 = 1024 * 1024;

fn serve(config: ThreadsConfig) -> RunningServer {
    let builder = AdminServer::builder().config(config).bind("127.0.0.1:0");
    builder.start().expect("the server starts")
}

fn dump(address: SocketAddr) -> String {
    let reply = ask(address, "GET", "/threads", &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// A size in `/proc/self/status`, in bytes.
fn status_bytes(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kib = line.expect("a size").trim().trim_end_matches(" kB");
    1024 * kib.parse::<u64>().expect("a number of kibibytes")
}

fn set_limit(resource: libc::__rlimit_resource_t, limit: u64) {
    let limit = libc::rlimit {
        rlim_cur: limit,
        rlim_max: limit,
    };
    // SAFETY: changes a limit of this process, of which every case has its own.
    assert_eq!(unsafe { libc::setrlimit(resource, &limit) }, 0);
}

/// A server without a socket: a process without descriptors cannot accept connections.
struct InProcess {
    runtime: tokio::runtime::Runtime,
    client: TestClient,
}

impl InProcess {
    fn new() -> Self {
        let server = AdminServer::builder().build().expect("the server builds");
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .expect("a runtime can be built"),
            client: server.test_client(),
        }
    }

    /// The status and the body of `GET /threads`.
    fn dump(&self) -> (u16, String) {
        let client = &self.client;
        let reply = self
            .runtime
            .block_on(async { client.get("/threads").await });
        (reply.status().as_u16(), reply.text().to_owned())
    }
}

fn memory_is_returned() {
    let config = ThreadsConfig::default().symbol_lifetime(Duration::from_millis(200));
    let server = serve(config);
    start_both();
    // The server's own threads have allocated what they keep.
    assert_eq!(ask(server.local_addr(), "GET", "/env", &[]).status, 200);
    let before = status_bytes("RssAnon:");
    for _ in 0..3 {
        let text = dump(server.local_addr());
        assert!(text.contains("stacks.rs:"), "{text}");
    }
    let during = status_bytes("RssAnon:");
    // The names and the unwind tables are still in memory.
    assert!(
        during > before + MIB,
        "{before} before, {during} after three dumps"
    );
    assert!(
        during < before + 16 * MIB,
        "{before} before, {during} after three dumps"
    );
    let after = poll_until("the memory is returned", || {
        let after = status_bytes("RssAnon:");
        (after < before + MIB).then_some(after)
    });
    let [before, during, after] = [before, during, after].map(|bytes| bytes / 1024);
    println!("{before} KiB anonymous before, {during} KiB after the dumps, {after} KiB at the end");
}

fn little_memory() {
    let server = serve(ThreadsConfig::default());
    start_both();
    assert_eq!(ask(server.local_addr(), "GET", "/env", &[]).status, 200);
    let before = status_bytes("VmData:");
    set_limit(libc::RLIMIT_DATA, before + 16 * MIB);
    let text = dump(server.local_addr());
    println!(
        "the dump took {} KiB",
        (status_bytes("VmData:") - before) / 1024
    );
    assert!(
        text.contains("stacks::waits") && text.contains("stacks.rs:"),
        "{text}"
    );
    assert!(!text.contains("Note: "), "{text}");
}

fn no_symbol_memory() {
    let server = serve(ThreadsConfig::default().max_symbol_bytes(0));
    start_both();
    let text = poll_until("the threads have reached their functions", || {
        let text = dump(server.local_addr());
        let is_ready = text.contains("stacks::waits") && text.contains("stacks::spins");
        is_ready.then_some(text)
    });
    assert!(!text.contains("stacks.rs:"), "{text}");
    assert!(
        text.contains("\nNote: some functions are shown without file and line, because symbols"),
        "{text}"
    );
    assert!(text.contains("ThreadsConfig::max_symbol_bytes"), "{text}");
    // The same process may have a server that allows more.
    let server = serve(ThreadsConfig::default());
    assert!(dump(server.local_addr()).contains("stacks.rs:"));
}

/// Opens files until the process has no free descriptor.
fn use_up_descriptors() -> Vec<File> {
    set_limit(libc::RLIMIT_NOFILE, 256);
    let mut files = Vec::new();
    let error = loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
    files
}

fn no_descriptor_at_first() {
    let server = InProcess::new();
    let files = use_up_descriptors();
    let (status, text) = server.dump();
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("no free file descriptor"), "{text}");
    drop(files);
    // The failure was temporary.
    let (status, text) = server.dump();
    assert_eq!(status, 200, "{text}");
}

fn no_descriptor_later() {
    start_both();
    let first = capture(Query::default()).expect("there are descriptors");
    let _files = use_up_descriptors();
    for _ in 0..20 {
        start_both(); // new threads, of which nothing is known from earlier dumps
        let report = capture(Query::default()).expect("three descriptors are in reserve");
        assert!(report.threads.len() > first.threads.len());
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        for thread in &report.threads {
            let stack = thread.stack.as_ref().expect("every stack is readable");
            assert!(!stack.frames.is_empty());
        }
    }
    let text = capture(Query::default())
        .unwrap()
        .to_text(Layout::default());
    assert!(text.contains("stacks::waits"), "{text}");
}

fn no_thread() {
    let server = InProcess::new();
    drop_privileges(); // the limit does not apply to root
    set_limit(libc::RLIMIT_NPROC, 0);
    let error = Builder::new()
        .spawn(|| ())
        .expect_err("no thread can be started");
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));
    let (status, text) = server.dump();
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("could not be started"), "{text}");
    assert!(text.contains("limit of threads"), "{text}");
}

fn no_proc() {
    let server = InProcess::new();
    let empty = std::env::temp_dir().join(format!("threads-no-proc-{}", std::process::id()));
    std::fs::create_dir(&empty).expect("a new directory");
    let path = std::ffi::CString::new(empty.to_str().expect("UTF-8")).expect("no NUL");
    // SAFETY: these change this process only, which has a single thread.
    unsafe {
        if libc::geteuid() != 0 {
            assert_eq!(libc::unshare(libc::CLONE_NEWUSER), 0);
        }
        assert_eq!(libc::chroot(path.as_ptr()), 0);
    }
    let (status, text) = server.dump();
    assert_eq!(status, 503, "{text}");
    assert!(text.contains("/proc/self/task is missing"), "{text}");
    let error = capture(Query::default()).expect_err("/proc is still missing");
    assert!(matches!(error, CaptureError::TaskFiles(_)), "{error}");
}

fn full_names() {
    const NAME: &str = "replication to eu-central-1";
    let server = serve(ThreadsConfig::default());
    let (stop, stopped) = mpsc::channel::<()>();
    let (started, is_started) = mpsc::channel();
    let thread = thread_names::spawn_named(Builder::new(), NAME, move || {
        started.send(()).expect("the case waits for it");
        stopped.recv()
    });
    is_started.recv().expect("the thread starts");
    let reply = ask(server.local_addr(), "GET", "/threads?name=EU-Central", &[]);
    assert!(
        reply.body.starts_with(&format!("Thread: {NAME} (tid ")),
        "{}",
        reply.body
    );
    assert!(reply.body.ends_with("Total threads: 1"), "{}", reply.body);
    drop(stop);
    assert!(
        thread
            .expect("it was started")
            .join()
            .expect("no panic")
            .is_err()
    );
    let reply = ask(server.local_addr(), "GET", "/threads?name=EU-Central", &[]);
    assert!(reply.body.ends_with("Total threads: 0"), "{}", reply.body);
}
