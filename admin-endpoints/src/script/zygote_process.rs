//! One zygote, from its start to its end.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use admin_runtime::clock::Clock;
use admin_runtime::log_queue;
use admin_runtime::text::one_line;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus, pidfd_open, pidfd_send_signal,
    waitid,
};

use super::child::{self, ExitStatus, WorkerLimits, WorkerSettings};
use super::interpreter_file::InterpreterFile;
use super::memory_return;
use super::sandbox_error::SandboxError;
use super::spawned_worker::{RequestedWorker, SpawnedWorker, WorkerStreams};
use super::start_report::StartReport;
use super::zygote_program::ZygoteProgram;
use crate::background::BackgroundThread;
use crate::sync::lock;

/// How long a zygote may take from its start to its report.
const ZYGOTE_START_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a zygote may take to fork.
const ZYGOTE_REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a zygote that closed its socket may take to end.
const EXIT_GRACE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 250_000_000,
};

/// The place of one zygote.
#[derive(Debug, Default)]
pub(super) struct ZygoteSlot {
    pub(super) zygote: Option<ZygoteProcess>,
    /// Why the last one could not be started.
    pub(super) failure: Option<String>,
}

impl ZygoteSlot {
    /// Retires a zygote whose interpreter is no longer that of the disk; returns whether it did.
    pub(super) fn retire_if_replaced(&mut self, interpreter: Option<&InterpreterFile>) -> bool {
        let is_replaced = |zygote: &mut ZygoteProcess| zygote.interpreter.as_ref() != interpreter;
        self.zygote.take_if(is_replaced).is_some()
    }

    /// Ends a zygote that cannot fork.
    pub(super) fn kill_zygote(&mut self, error: io::Error) {
        if let Some(zygote) = self.zygote.take() {
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
    }

    /// Stores a new zygote, or why there is none.
    pub(super) fn occupy(
        &mut self,
        started: Result<ZygoteProcess, SandboxError>,
        replaced: bool,
    ) -> Result<&ZygoteProcess, SandboxError> {
        match started {
            Ok(zygote) => {
                self.failure = None;
                Ok(self.zygote.insert(zygote))
            }
            Err(error) => {
                let error = if replaced {
                    SandboxError::ReplacedInterpreter(Box::new(error))
                } else {
                    error
                };
                self.failure = Some(error.to_string());
                Err(error)
            }
        }
    }
}

/// The process that workers are forked from. When it is dropped, the process ends as soon as its
/// last worker has ended.
#[derive(Debug)]
pub(super) struct ZygoteProcess {
    number: u32,
    process: OwnedFd,
    control: OwnedFd,
    /// Waits for the process.
    keeper: BackgroundThread,
    /// The file that it was started from, with CPython.
    interpreter: Option<InterpreterFile>,
    /// The version that CPython reported.
    python: Option<String>,
    /// Tells the keeper how long to wait after a script, if this changes.
    timer: Sender<Duration>,
    keep_warm: Duration,
    last_use: Instant,
    /// The worker of the next script.
    requested: Option<RequestedWorker>,
}

impl ZygoteProcess {
    /// Starts a zygote on a thread of its own, because the kernel ends it when that thread ends.
    pub(super) fn start(
        slot: &Arc<Mutex<ZygoteSlot>>,
        program: &ZygoteProgram,
        interpreter: Option<InterpreterFile>,
        keep_warm: Duration,
    ) -> Result<Self, SandboxError> {
        let (control, zygote_control) =
            child::pair().map_err(SandboxError::not_provided("socket"))?;
        set_socket_timeout(&control, Timeout::Recv, Some(ZYGOTE_START_TIMEOUT))
            .map_err(|errno| SandboxError::not_provided("socket timeout")(errno.into()))?;
        let (timer, changes) = mpsc::channel();
        let (sender, started) = mpsc::sync_channel(1);
        let slot = Arc::clone(slot);
        let path = interpreter.as_ref().map(|file| file.path.clone());
        let modules = program.modules.clone();
        let body = move || match spawn(zygote_control, path.as_deref(), &modules) {
            Ok((zygote, process)) => {
                let number = zygote.id();
                let _ = sender.send(Ok((number, process))); // the receiver waits below
                keep(zygote, &slot, &changes, keep_warm);
            }
            Err(error) => drop(sender.send(Err(error))),
        };
        let keeper = BackgroundThread::spawn("script-zygote", body)
            .map_err(SandboxError::not_provided("thread"))?;
        let (number, process) = started
            .recv()
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(SandboxError::not_provided("process"))?;
        let mut zygote = Self {
            number,
            process,
            control,
            keeper,
            interpreter,
            python: None,
            timer,
            keep_warm,
            last_use: Clock::system().now(),
            requested: None,
        };
        zygote.python = zygote.await_start_report()?;
        Ok(zygote)
    }

    /// Waits until the zygote is ready; returns the version of its CPython.
    fn await_start_report(&self) -> Result<Option<String>, SandboxError> {
        let path = || {
            let interpreter = self.interpreter.as_ref();
            interpreter
                .map(|file| file.path.clone())
                .unwrap_or_default()
        };
        match child::recv_start_report(self.control.as_fd()) {
            Ok(StartReport::Ready { python }) => {
                let timeout = Some(ZYGOTE_REPLY_TIMEOUT);
                set_socket_timeout(&self.control, Timeout::Recv, timeout)
                    .map_err(|errno| SandboxError::not_provided("socket timeout")(errno.into()))?;
                Ok(python)
            }
            Ok(StartReport::Failed(failure)) => Err(SandboxError::ZygoteSetup(failure)),
            Ok(StartReport::UnsupportedVersion(version)) => {
                let path = path();
                Err(SandboxError::UnsupportedVersion { path, version })
            }
            Ok(StartReport::MissingModule(module)) => {
                let path = path();
                Err(SandboxError::MissingModule { path, module })
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.kill();
                Err(SandboxError::ZygoteTimeout)
            }
            Err(_) => {
                let status = self.exit_status();
                self.kill(); // it closed its socket, and may still run
                Err(match &self.interpreter {
                    Some(file) => SandboxError::InterpreterEnded {
                        path: file.path.clone(),
                        status,
                    },
                    None => SandboxError::ZygoteEnded(status),
                })
            }
        }
    }

    /// Forks a worker with these streams. Only after [`take_requested`](Self::take_requested): replies
    /// have no number.
    ///
    /// The outer error is a zygote that has ended or does not respond, the inner one a system
    /// that refused the fork.
    pub(super) fn fork(
        &self,
        settings: WorkerSettings,
        streams: &WorkerStreams,
    ) -> io::Result<io::Result<OwnedFd>> {
        self.send_request(settings, streams)?;
        child::recv_reply(self.control.as_fd())
    }

    fn send_request(&self, settings: WorkerSettings, streams: &WorkerStreams) -> io::Result<()> {
        let WorkerStreams {
            stream,
            exit_status,
        } = streams;
        child::send_request(self.control.as_fd(), settings, stream, exit_status)
    }

    /// Asks for the worker of the next script, unless one was asked for; does not wait for it.
    ///
    /// # Errors
    ///
    /// When there are no descriptors, or the zygote has ended.
    pub(super) fn request_worker(&mut self, limits: WorkerLimits) -> io::Result<()> {
        if self.requested.is_some() {
            return Ok(());
        }
        let settings = WorkerSettings {
            limits,
            in_advance: true,
        };
        let (streams, zygote_streams) = WorkerStreams::pair()?;
        self.send_request(settings, &zygote_streams)?;
        self.requested = Some(RequestedWorker { limits, streams });
        Ok(())
    }

    /// The worker that was asked for, if it has these limits and neither it nor the zygote has ended.
    ///
    /// # Errors
    ///
    /// When the zygote has ended or does not respond.
    pub(super) fn take_requested(
        &mut self,
        limits: WorkerLimits,
    ) -> io::Result<Option<SpawnedWorker>> {
        let Some(requested) = self.requested.take() else {
            return Ok(None);
        };
        let process = match child::recv_reply(self.control.as_fd()) {
            Ok(Ok(process)) => process,
            Ok(Err(_)) => return Ok(None),
            // The worker ends, because its stream is closed.
            Err(error) if error.raw_os_error() == Some(libc::EMFILE) => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_usable = requested.limits == limits && !has_ended(&process);
        let zygote_runs = matches!(self.change(), Ok(None));
        let worker = requested.streams.into_worker(process);
        Ok((is_usable && zygote_runs).then_some(worker))
    }

    /// Whether the process has ended or is stopped.
    fn change(&self) -> rustix::io::Result<Option<WaitIdStatus>> {
        let options = WaitIdOptions::EXITED
            | WaitIdOptions::STOPPED
            | WaitIdOptions::NOHANG
            | WaitIdOptions::NOWAIT;
        waitid(WaitId::PidFd(self.process.as_fd()), options)
    }

    /// What the index says of it, with the interpreter that is on the disk now.
    pub(super) fn state(&self, file: &InterpreterFile) -> String {
        match self.change().ok().flatten() {
            Some(status) if status.stopped() => "stopped: the next script replaces it".to_owned(),
            Some(_) => "ended: the next script replaces it".to_owned(),
            None if self.interpreter.as_ref() != Some(file) => {
                "replaced on the disk: the next script uses the new one".to_owned()
            }
            None => format!(
                "CPython {} runs",
                self.python.as_deref().unwrap_or_default()
            ),
        }
    }

    /// The worker that was asked for, if it can be had without waiting.
    pub(super) fn take_ready(&mut self, limits: WorkerLimits) -> Option<SpawnedWorker> {
        let is_wanted = self.requested.as_ref()?.limits == limits;
        if is_wanted && is_readable(&self.control) {
            self.take_requested(limits).ok().flatten()
        } else {
            None
        }
    }

    /// Its keeper is not woken, which would take longer than a script.
    pub(super) fn restart_timer(&mut self, keep_warm: Duration) {
        self.last_use = Clock::system().now();
        if self.keep_warm != keep_warm {
            self.keep_warm = keep_warm;
            let _ = self.timer.send(keep_warm); // its keeper listens as long as it is here
        }
    }

    /// The time until it is to be stopped; `None` when it is over.
    fn time_left(&self) -> Option<Duration> {
        let unused = Clock::system()
            .now()
            .saturating_duration_since(self.last_use);
        let left = self.keep_warm.checked_sub(unused)?;
        (!left.is_zero()).then_some(left)
    }

    fn kill(&self) {
        let _ = pidfd_send_signal(&self.process, Signal::KILL); // it may have ended
    }

    /// Ends the zygote and its workers, and waits for it.
    pub(super) fn stop(self) {
        self.kill();
        let Self { keeper, timer, .. } = self;
        drop(timer);
        keeper.join();
    }

    /// How the zygote ended, unless it still runs or the program waits for all its children itself.
    fn exit_status(&self) -> Option<ExitStatus> {
        let mut ended = [PollFd::new(&self.process, PollFlags::IN)];
        retry_on_intr(|| poll(&mut ended, Some(&EXIT_GRACE))).ok()?;
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::PidFd(self.process.as_fd()), options).ok()??;
        Some(ExitStatus::from_wait(&status))
    }
}

/// Whether a process has ended, whoever waits for it.
fn has_ended(process: &OwnedFd) -> bool {
    is_readable(process)
}

fn is_readable(descriptor: &OwnedFd) -> bool {
    let mut sources = [PollFd::new(descriptor, PollFlags::IN)];
    let now = Timespec::default();
    // An error is left to whoever uses the descriptor.
    retry_on_intr(|| poll(&mut sources, Some(&now))).is_ok_and(|ready| ready > 0)
}

fn spawn(
    control: OwnedFd,
    interpreter: Option<&Path>,
    modules: &[String],
) -> io::Result<(Child, OwnedFd)> {
    let mut zygote = child::spawn_zygote(control, interpreter, modules)?;
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
fn keep(
    mut zygote: Child,
    slot: &Mutex<ZygoteSlot>,
    changes: &Receiver<Duration>,
    keep_warm: Duration,
) {
    let number = zygote.id();
    let mut wait = keep_warm;
    loop {
        match changes.recv_timeout(wait) {
            Ok(changed) => wait = changed,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let mut place = lock(slot);
                let present = place.zygote.as_ref();
                let present = present.filter(|present| present.number == number);
                if let Some(left) = present.and_then(ZygoteProcess::time_left) {
                    wait = left; // a script came in between
                    continue;
                }
                place.zygote.take_if(|present| present.number == number);
                break;
            }
        }
    }
    // Fails where the program waits for all its children or ignores their ends.
    let _ = zygote.wait();
    memory_return::trim_when_quiet();
}
