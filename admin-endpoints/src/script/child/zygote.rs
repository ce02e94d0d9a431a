//! The process that workers are forked from, with a warm interpreter and without any script.
//!
//! Starting an executable costs more than most scripts: the loader alone queries the processor
//! some fifty times, and under a hypervisor each query takes microseconds.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::control::{self, WorkerRequest};
use super::exit_status::ExitStatus;
use super::interpreter_zygote::{self, Interpreter};
use super::isolation::{self, SandboxBase};
use super::{descriptors, threads, worker};
use crate::script::setup_failure::{SetupFailure, SetupStep};
use crate::script::start_report::StartReport;

/// Makes this process a zygote. It forks workers for the server until the server wants no more,
/// and ends when its last worker has ended.
pub(super) fn run(server: i32, interpreter: Option<Interpreter>) -> ! {
    let control = match take_control_socket() {
        Ok(control) => control,
        Err(_) => worker::exit(SetupStep::CloseDescriptors.exit_code()),
    };
    if let Some(interpreter) = interpreter {
        // The socket stays open as long as this process is not the interpreter.
        fail(
            &control,
            interpreter_zygote::execute(server, interpreter, &control),
        )
    }
    let base = match isolation::prepare(server, worker::warm_up) {
        Ok(base) => base,
        Err(failure) => fail(&control, failure),
    };
    match control::send_start_report(control.as_fd(), &StartReport::Ready { python: None }) {
        Ok(()) => Zygote::new(control, base).serve(),
        Err(_) => worker::exit(0), // the server has ended
    }
}

/// Ends this process with the reason why it cannot be a zygote.
fn fail(control: &OwnedFd, failure: SetupFailure) -> ! {
    let _ = control::send_start_report(control.as_fd(), &StartReport::Failed(failure));
    worker::exit(failure.step.exit_code())
}

/// Moves the socket away from standard input and closes what the program left open.
fn take_control_socket() -> io::Result<OwnedFd> {
    rustix::thread::set_name(c"script-zygote")?;
    // SAFETY: this runs before `main` and never returns to it, and nothing here has opened a
    // descriptor yet.
    unsafe { descriptors::close_all() }?;
    let control = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(io::stdout())?; // the null device
    Ok(control)
}

struct Zygote {
    /// `None` when the server wants no further worker.
    control: Option<OwnedFd>,
    base: SandboxBase,
    workers: Vec<ForkedWorker>,
    /// Whether workers get a PID namespace each.
    pid_namespaces: bool,
}

/// A worker that has not been waited for.
struct ForkedWorker {
    process: OwnedFd,
    exit_status: UnixStream,
}

impl Zygote {
    fn new(control: OwnedFd, base: SandboxBase) -> Self {
        Self {
            control: Some(control),
            pid_namespaces: base.has_user_namespace(),
            base,
            workers: Vec::new(),
        }
    }

    fn serve(mut self) -> ! {
        while self.control.is_some() || !self.workers.is_empty() {
            let Ok(requested) = self.wait() else {
                worker::exit(1)
            };
            self.workers.retain(|worker| !worker.has_ended());
            if requested {
                self.handle_request();
            }
        }
        worker::exit(0)
    }

    /// Waits for a request or the end of a worker; returns whether there is a request.
    fn wait(&self) -> Result<bool, Errno> {
        let control = self.control.as_ref().map(AsFd::as_fd);
        let processes = self.workers.iter().map(|worker| worker.process.as_fd());
        let mut sources: Vec<_> = control
            .into_iter()
            .chain(processes)
            .map(|source| PollFd::from_borrowed_fd(source, PollFlags::IN))
            .collect();
        retry_on_intr(|| poll(&mut sources, None))?;
        Ok(control.is_some()
            && sources
                .first()
                .is_some_and(|source| !source.revents().is_empty()))
    }

    fn handle_request(&mut self) {
        let Some(control) = self.control.take() else {
            return;
        };
        // Any error means that the server has ended or does not follow the protocol.
        let Ok(Some(request)) = control::recv_request(control.as_fd()) else {
            return;
        };
        let process = self.fork_worker(request);
        if control::send_reply(control.as_fd(), process).is_ok() {
            self.control = Some(control);
        }
    }

    /// Forks a worker and returns a descriptor of its process.
    fn fork_worker(&mut self, request: WorkerRequest) -> Result<BorrowedFd<'_>, Errno> {
        let process = match fork(self.pid_namespaces) {
            // Refused by the kernel's policy or limits for namespaces, not for lack of memory.
            Err(Errno::PERM | Errno::NOSPC | Errno::INVAL) if self.pid_namespaces => {
                self.pid_namespaces = false;
                fork(false)?
            }
            forked => forked?,
        };
        let Some(process) = process else {
            worker::run(&self.base, request.settings, request.stream)
        };
        let worker = self.workers.push_mut(ForkedWorker {
            process,
            exit_status: request.exit_status,
        });
        Ok(worker.process.as_fd())
    }
}

impl ForkedWorker {
    /// Whether the worker has ended; sends its exit status to the server if so.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let status = waitid(WaitId::PidFd(self.process.as_fd()), options);
        let Ok(status) = status else {
            return true; // there is nothing to wait for
        };
        let Some(status) = status else {
            return false;
        };
        let message = ExitStatus::from_wait(&status).to_bytes();
        let _ = (&self.exit_status).write_all(&message); // the server may have ended
        true
    }
}

/// Forks this process. Returns a descriptor of the child, and `None` in the child.
fn fork(pid_namespace: bool) -> Result<Option<OwnedFd>, Errno> {
    if threads::has_second_thread() {
        return Err(Errno::DEADLK);
    }
    let namespace = if pid_namespace { libc::CLONE_NEWPID } else { 0 };
    let flags = libc::CLONE_PIDFD | namespace | libc::SIGCHLD;
    let mut descriptor: RawFd = -1;
    // SAFETY: without `CLONE_VM` the child has a copy of the memory, as after fork(2), and continues
    // with the same stack; the third argument points to a number that outlives the call. The
    // process has one thread, which was counted when it was prepared and is confirmed above, so
    // that no lock is held and no data is in an intermediate state.
    let child = unsafe { libc::syscall(libc::SYS_clone, flags, 0, &raw mut descriptor, 0, 0) };
    match child {
        0 => Ok(None),
        // SAFETY: clone(2): the number is a new descriptor, which nothing else owns.
        1.. => Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) })),
        _ => Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)),
    }
}
