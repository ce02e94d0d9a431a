//! Owns the process-wide zygote: started on demand, stopped after `keep_warm` without a script, or
//! with the last server.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use admin_runtime::describe::ResourceContext;
use admin_runtime::log_queue;
use admin_runtime::text::one_line;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use super::child::{self, ExitStatus, WorkerLimits};
use super::limits::ScriptLimits;
use super::sandbox_error::SandboxError;
use crate::background::BackgroundThread;
use crate::heap;
use crate::sync::lock;

/// How long a zygote may take from its start to its report.
const ZYGOTE_START_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a zygote may take to fork.
const ZYGOTE_REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// There is one executable to start again, so a process has one zygote.
static ZYGOTE: Mutex<Option<ZygoteProcess>> = Mutex::new(None);

/// Servers that run or are mounted, and serve scripts.
static SERVERS: AtomicUsize = AtomicUsize::new(0);

/// One server: the zygote ends with the last of them.
#[derive(Debug)]
pub(super) struct ZygoteUser(());

/// The resource of the route. It starts no process: most servers never run a script.
pub(super) fn use_zygote(_: &ResourceContext<'_>) -> Result<ZygoteUser, Infallible> {
    SERVERS.fetch_add(1, Ordering::AcqRel);
    Ok(ZygoteUser(()))
}

impl Drop for ZygoteUser {
    fn drop(&mut self) {
        if SERVERS.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let zygote = lock(&ZYGOTE).take();
        if let Some(zygote) = zygote {
            zygote.stop();
        }
    }
}

/// A worker that waits for its script.
#[derive(Debug)]
pub(super) struct SpawnedWorker {
    /// The process, which is signalled through this descriptor and never through its number.
    pub(super) process: OwnedFd,
    pub(super) stream: UnixStream,
    /// Where the zygote writes how the worker ended.
    pub(super) exit_status: UnixStream,
}

/// Forks a worker from the zygote, which stays for `keep_warm` after the last one.
///
/// # Errors
///
/// When the zygote cannot be started or cannot fork.
pub(super) fn spawn_worker(
    limits: &ScriptLimits,
    keep_warm: Duration,
) -> Result<SpawnedWorker, SandboxError> {
    let limits = WorkerLimits {
        memory_bytes: limits.max_memory_bytes as u64,
        // The kernel counts whole seconds; rounded up, so that the engine's limit comes first.
        cpu_seconds: limits.max_cpu_time.as_secs().saturating_add(1),
    };
    let pair = || UnixStream::pair().map_err(SandboxError::not_provided("socket"));
    let ((stream, worker_stream), (exit_status, worker_status)) = (pair()?, pair()?);
    let mut present = lock(&ZYGOTE);
    let forked = match &*present {
        Some(zygote) => zygote.fork(limits, &worker_stream, &worker_status),
        None => Err(io::ErrorKind::NotFound.into()),
    };
    let process = match forked {
        Ok(process) => process,
        Err(error) => {
            if let Some(zygote) = present.take() {
                let error = one_line(error);
                log_queue::emit(move || {
                    tracing::warn!(
                        target: "admin_endpoints::script",
                        error,
                        "the process that scripts are forked from does not respond: replaced"
                    );
                });
                zygote.kill();
            }
            let zygote = present.insert(ZygoteProcess::start(keep_warm)?);
            let forked = zygote.fork(limits, &worker_stream, &worker_status);
            forked.map_err(|_| SandboxError::ZygoteTimeout)?
        }
    };
    if let Some(zygote) = &*present {
        zygote.restart_timer(keep_warm);
    }
    Ok(SpawnedWorker {
        process: process.map_err(SandboxError::Fork)?,
        stream,
        exit_status,
    })
}

/// The process that workers are forked from. When it is dropped, the process ends as soon as its
/// last worker has ended.
#[derive(Debug)]
struct ZygoteProcess {
    number: u32,
    process: OwnedFd,
    control: OwnedFd,
    /// Waits for the process.
    keeper: BackgroundThread,
    /// Tells the keeper of each script, and how long to wait after it.
    timer: Sender<Duration>,
}

impl ZygoteProcess {
    /// Starts a zygote on a thread of its own, because the kernel ends it when that thread ends.
    fn start(keep_warm: Duration) -> Result<Self, SandboxError> {
        let (control, zygote_control) =
            child::pair().map_err(SandboxError::not_provided("socket"))?;
        set_socket_timeout(&control, Timeout::Recv, Some(ZYGOTE_START_TIMEOUT))
            .map_err(|errno| SandboxError::not_provided("socket timeout")(errno.into()))?;
        let (timer, scripts) = mpsc::channel();
        let (sender, started) = mpsc::sync_channel(1);
        let body = move || match spawn(zygote_control) {
            Ok((zygote, process)) => {
                let number = zygote.id();
                let _ = sender.send(Ok((number, process))); // the receiver waits below
                keep(zygote, &scripts, keep_warm);
            }
            Err(error) => drop(sender.send(Err(error))),
        };
        let keeper = BackgroundThread::spawn("script-zygote", body)
            .map_err(SandboxError::not_provided("thread"))?;
        let (number, process) = started
            .recv()
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(SandboxError::not_provided("process"))?;
        let zygote = Self {
            number,
            process,
            control,
            keeper,
            timer,
        };
        zygote.await_start_report()?;
        Ok(zygote)
    }

    fn await_start_report(&self) -> Result<(), SandboxError> {
        match child::recv_start_report(self.control.as_fd()) {
            Ok(Ok(())) => {
                let timeout = Some(ZYGOTE_REPLY_TIMEOUT);
                set_socket_timeout(&self.control, Timeout::Recv, timeout)
                    .map_err(|errno| SandboxError::not_provided("socket timeout")(errno.into()))
            }
            Ok(Err(failure)) => Err(SandboxError::ZygoteSetup(failure)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.kill();
                Err(SandboxError::ZygoteTimeout)
            }
            Err(_) => {
                self.kill(); // it closed its socket, and may still run
                Err(SandboxError::ZygoteEnded(self.exit_status()))
            }
        }
    }

    /// The outer error is a zygote that has ended or does not respond, the inner one a system
    /// that refused the fork.
    fn fork(
        &self,
        limits: WorkerLimits,
        stream: &UnixStream,
        exit_status: &UnixStream,
    ) -> io::Result<io::Result<OwnedFd>> {
        child::send_request(self.control.as_fd(), limits, stream, exit_status)?;
        child::recv_reply(self.control.as_fd())
    }

    fn restart_timer(&self, keep_warm: Duration) {
        let _ = self.timer.send(keep_warm); // its keeper listens as long as it is here
    }

    fn kill(&self) {
        let _ = pidfd_send_signal(&self.process, Signal::KILL); // it may have ended
    }

    /// Ends the zygote and its workers, and waits for it.
    fn stop(self) {
        self.kill();
        let Self { keeper, timer, .. } = self;
        drop(timer);
        keeper.join();
    }

    /// How the zygote ended, unless the program waits for all its children itself.
    fn exit_status(&self) -> Option<ExitStatus> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::PidFd(self.process.as_fd()), options).ok()??;
        Some(ExitStatus::from_wait(&status))
    }
}

fn spawn(control: OwnedFd) -> io::Result<(Child, OwnedFd)> {
    let mut zygote = child::spawn_zygote(control)?;
    match pidfd_open(Pid::from_child(&zygote), PidfdFlags::empty()) {
        Ok(process) => Ok((zygote, process)),
        Err(errno) => {
            zygote.kill()?;
            zygote.wait()?;
            Err(errno.into())
        }
    }
}

/// Waits until the zygote is not used any more and has ended.
fn keep(mut zygote: Child, scripts: &Receiver<Duration>, mut keep_warm: Duration) {
    let number = zygote.id();
    loop {
        match scripts.recv_timeout(keep_warm) {
            Ok(next) => keep_warm = next,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let mut present = lock(&ZYGOTE);
                match scripts.try_recv() {
                    Ok(next) => keep_warm = next, // a script came in between
                    Err(_) => {
                        present.take_if(|present| present.number == number);
                        break;
                    }
                }
            }
        }
    }
    // Fails where the program waits for all its children or ignores their ends.
    let _ = zygote.wait();
    heap::trim(); // scripts leave the memory of their uploads and answers
}
