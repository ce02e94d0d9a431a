//! Forked children of a program that serves.

use std::net::TcpListener;
use std::os::fd::AsRawFd;

use admin_runtime::AdminServer;
use admin_tests::{Case, ask, cases};

pub(crate) fn cases() -> Vec<Case> {
    cases![dropped_in_child, port_is_free_after_stop]
}

/// Longest life of a child: it is killed by a signal if it hangs.
const CHILD_SECONDS: u32 = 20;

/// Forks; the child runs `body` and exits with 0.
fn fork(body: impl FnOnce()) -> libc::pid_t {
    // SAFETY: the child calls what the test is about, and ends without unwinding or destructors.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(CHILD_SECONDS);
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
                libc::_exit(i32::from(result.is_err()));
            }
            child => {
                assert!(child > 0, "no fork");
                child
            }
        }
    }
}

fn status(child: libc::pid_t) -> libc::c_int {
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    status
}

fn dropped_in_child() {
    let mut server = Some(AdminServer::builder().bind("127.0.0.1:0").start().unwrap());
    let at = server.as_ref().unwrap().local_addr();
    for round in 0..20 {
        let child = fork(|| drop(server.take()));
        assert_eq!(status(child), 0, "round {round}");
        assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    }
    drop(server);
    assert!(std::net::TcpStream::connect(at).is_err());
}

fn port_is_free_after_stop() {
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let at = server.local_addr();
    let (reader, writer) = std::io::pipe().unwrap();
    let input = reader.as_raw_fd();
    let output = writer.as_raw_fd();
    let child = fork(|| {
        // SAFETY: both are open; the read ends when the parent has closed the other end.
        unsafe {
            libc::close(output);
            libc::read(input, [0_u8].as_mut_ptr().cast(), 1);
        }
    });
    server.stop();
    assert!(std::net::TcpStream::connect(at).is_err());
    TcpListener::bind(at).expect("the child does not keep the port");
    drop(writer);
    assert_eq!(status(child), 0);
}
