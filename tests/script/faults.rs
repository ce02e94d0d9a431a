//! What `POST /run_script` says when the host denies what a script needs: 503 and the cause.

use std::ffi::CString;
use std::fs;
use std::io::Write;
use std::time::Duration;

use admin_endpoints::script::{ScriptConfig, ScriptLimits};
use admin_tests::{Case, cases, change_environment, connect, poll_until, read_to_end};

use crate::server::client::{Client, form};

/// Each fault changes its process permanently.
pub(crate) fn cases() -> Vec<Case> {
    cases![
        no_descriptor_is_left,
        too_many_scripts_for_the_reserve,
        no_thread_and_no_process,
        missing_proc,
        forbidden_call_is_an_error,
        forbidden_call_kills,
        forbidden_sockets,
        starved,
        environ_during_setenv,
    ]
}

fn client(limits: ScriptLimits) -> Client {
    Client::new(ScriptConfig::default().limits(limits))
}

fn default_client() -> Client {
    client(ScriptLimits::default())
}

/// Runs a script that fails; the text, which is the whole cause.
#[track_caller]
fn failure(client: &Client) -> String {
    let reply = client.run(b"result = 1 + 1");
    assert_eq!(reply.status, 503, "{}", reply.text);
    assert!(reply.retry_after.is_some(), "{}", reply.text);
    reply.text
}

#[track_caller]
fn fails_with(client: &Client, cause: &str) {
    let text = failure(client);
    assert!(text.contains(cause), "{text}");
    assert!(!text.contains("memory limit"), "{text}");
}

#[track_caller]
fn works(client: &Client) {
    let reply = client.run(b"result = 1 + 1");
    assert_eq!((reply.status, reply.text.as_str()), (200, "2"));
}

fn use_up_descriptors() -> Vec<fs::File> {
    std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect()
}

fn no_descriptor_is_left() {
    let client = default_client();
    assert_eq!(client.get("/run_script/sandbox").status, 200); // the connection stays open
    let mut used_up = use_up_descriptors();
    for _ in 0..20 {
        works(&client);
        used_up.extend(use_up_descriptors()); // as a host does that is short of them
    }
    drop(used_up);
    works(&client);
}

fn too_many_scripts_for_the_reserve() {
    let limits = ScriptLimits::default()
        .with_max_concurrent_scripts(8)
        .with_max_wall_time(Duration::from_secs(5));
    let client = client(limits);
    let address = client.address().parse().unwrap();
    let before = open_descriptors();
    let mut streams: Vec<_> = (0..8).map(|_| connect(address)).collect();
    poll_until("the server to accept", || {
        (open_descriptors() >= before + 16).then_some(())
    });
    let used_up = use_up_descriptors();
    let (content_type, body) = form(b"while True: pass");
    for stream in &mut streams {
        let length = body.len();
        let head = format!(
            "POST /run_script HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream
            .write_all(&[head.as_bytes(), &body].concat())
            .unwrap();
    }
    let replies: Vec<_> = streams
        .iter_mut()
        .map(|stream| read_to_end(stream).unwrap())
        .collect();
    drop(used_up);
    let refused = replies.iter().filter(|reply| reply.status == 503);
    let refused: Vec<_> = refused.map(|reply| reply.body.as_str()).collect();
    assert!((1..8).contains(&refused.len()), "{replies:?}");
    for text in refused {
        assert!(text.contains("Too many open files"), "{text}");
    }
    works(&client);
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn tasks() -> u64 {
    fs::read_dir("/proc/self/task").unwrap().count() as u64
}

fn set_limit(resource: libc::__rlimit_resource_t, limit: u64) {
    let mut both = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: changes a limit of this process, of which every case has its own.
    unsafe {
        assert_eq!(libc::getrlimit(resource, &mut both), 0);
        both.rlim_cur = limit;
        assert_eq!(libc::setrlimit(resource, &both), 0);
    }
}

/// The limit does not apply to root: the program becomes a user that has nothing else running.
fn become_another_user() {
    let user = 50_000 + std::process::id() % 10_000;
    // SAFETY: these change the user of this process, which has one thread.
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::setgroups(0, std::ptr::null()), 0);
            assert_eq!(libc::setgid(user), 0);
            assert_eq!(libc::setuid(user), 0);
            // Otherwise root owns the files of the process in /proc.
            assert_eq!(libc::prctl(libc::PR_SET_DUMPABLE, 1), 0);
        }
    }
}

fn no_thread_and_no_process() {
    become_another_user();
    let mut texts = Vec::new();
    // A thread that has just ended may still be counted, so that one limit gives either text.
    while ["no thread", "no process"]
        .iter()
        .any(|cause| !texts.iter().any(|text: &String| text.contains(cause)))
    {
        texts.extend(texts_up_to_the_first_success());
        assert!(texts.len() < 200, "{texts:?}");
    }
}

/// What a new server answers while more and more threads and processes are allowed.
fn texts_up_to_the_first_success() -> Vec<String> {
    set_limit(libc::RLIMIT_NPROC, 1000);
    let client = default_client();
    assert_eq!(client.get("/run_script/sandbox").status, 200);
    let before = tasks();
    let mut texts = Vec::new();
    for more in 0..20 {
        set_limit(libc::RLIMIT_NPROC, before + more);
        let reply = client.run(b"result = 1 + 1");
        if reply.status == 200 {
            return texts;
        }
        assert_eq!(reply.status, 503, "{}", reply.text);
        assert!(reply.text.contains("os error 11"), "{}", reply.text);
        texts.push(reply.text);
    }
    panic!("{texts:?}");
}

fn missing_proc() {
    // The directory stays: it cannot be reached any more.
    let empty = std::env::temp_dir().join(format!("script-no-proc-{}", std::process::id()));
    fs::create_dir(&empty).unwrap();
    let path = CString::new(empty.to_str().unwrap()).unwrap();
    // SAFETY: these change this process only, which has a single thread.
    unsafe {
        if libc::geteuid() != 0 {
            assert_eq!(libc::unshare(libc::CLONE_NEWUSER), 0);
        }
        assert_eq!(libc::chroot(path.as_ptr()), 0);
    }
    fails_with(&default_client(), "scripts need a mounted /proc");
}

/// A filter as a container has it: one system call has this result, all others are allowed.
fn forbid(call: libc::c_long, result: u32) {
    let instruction = |code: u32, jt, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf: if jt == 1 { 0 } else { 1 },
        k,
    };
    let (load, equal, end) = (
        libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
        libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
        libc::BPF_RET | libc::BPF_K,
    );
    let mut filter = [
        instruction(load, 0, 0), // the number of the call
        instruction(equal, 0, call as u32),
        instruction(end, 0, result),
        instruction(end, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the program outlives the call, which copies it.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(
            libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program),
            0
        );
    }
}

fn forbidden_call_is_an_error() {
    forbid(
        libc::SYS_close_range,
        libc::SECCOMP_RET_ERRNO | libc::EPERM as u32,
    );
    fails_with(
        &default_client(),
        "no seccomp filter may forbid close_range",
    );
}

fn forbidden_call_kills() {
    forbid(libc::SYS_close_range, libc::SECCOMP_RET_KILL_PROCESS);
    fails_with(
        &default_client(),
        "a seccomp filter of the host ended its process",
    );
}

fn forbidden_sockets() {
    forbid(
        libc::SYS_pidfd_open,
        libc::SECCOMP_RET_ERRNO | libc::EPERM as u32,
    );
    fails_with(&default_client(), "no process: Operation not permitted");
}

/// The zygote gets no processor: nothing is started within the time of the script.
fn starved() {
    let client = client(ScriptLimits::default().with_max_wall_time(Duration::from_millis(500)));
    poll_until("a script", || {
        (client.run(b"result = 1 + 1").status == 200).then_some(())
    });
    let children = fs::read_dir("/proc/self/task").unwrap().flatten();
    let children = children.map(|task| fs::read_to_string(task.path().join("children")));
    let zygotes: String = children.map(Result::unwrap_or_default).collect();
    let zygote: libc::pid_t = zygotes.trim().parse().expect("one child");
    // SAFETY: it signals a child of this process.
    assert_eq!(unsafe { libc::kill(zygote, libc::SIGSTOP) }, 0);
    // Until then a worker that waits would be used.
    poll_until("the zygote to stop", || {
        let stat = fs::read_to_string(format!("/proc/{zygote}/stat")).unwrap();
        stat.contains(") T ").then_some(())
    });
    fails_with(&client, "not started within its time limit");
}

/// C code changes the environment while scripts read it.
fn environ_during_setenv() {
    // SAFETY: the process has one thread.
    unsafe { libc::setenv(c"STABLE".as_ptr(), c"1".as_ptr(), 1) };
    let client = Client::new(ScriptConfig::default().allow_import("os"));
    std::thread::Builder::new()
        .spawn(change_environment)
        .unwrap();
    let script = b"import os
bad = [n for n, v in os.environ.items() if n.startswith('GROWN_') and v != 'value of ' + n]
result = (os.environ['STABLE'], bad)";
    for _ in 0..500 {
        let reply = client.run(script);
        assert_eq!((reply.status, reply.text.as_str()), (200, "('1', [])"));
    }
}
