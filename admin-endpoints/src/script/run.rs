//! One script, from the start of its worker to its result.

use std::io::{self, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use admin_runtime::log_queue;
use admin_runtime::script::ScriptErrorKind;
use admin_runtime::text::one_line;
use rustix::process::{Signal, pidfd_send_signal};
use tokio::sync::oneshot;

use super::child::ExitStatus;
use super::config::ScriptConfig;
use super::descriptor_reserve;
use super::engine_setting::Engine;
use super::frame;
use super::isolation_report::IsolationReport;
use super::limits::{Bytes, ExceededLimit, ScriptLimits};
use super::memory_return::detached;
use super::outcome::ScriptOutcome;
use super::sandbox_error::SandboxError;
use super::session::Session;
use super::spawned_worker::SpawnedWorker;
use super::wire::{LookupReply, ScriptEnd, ScriptReport, StartMessage, WorkerMessage};
use super::zygote_pool;
use super::zygote_program::ZygoteProgram;
use crate::heap;
use crate::sync::lock;

/// How long a killed worker may take to end before the answer is sent.
const EXIT_GRACE: Duration = Duration::from_millis(250);

/// How long the zygote may take to report how a worker ended.
const EXIT_STATUS_TIMEOUT: Duration = Duration::from_secs(2);

/// How a script ended, and what it printed.
#[derive(Debug)]
pub(super) struct ScriptResult {
    pub(super) outcome: ScriptOutcome,
    pub(super) printed: bytes::Bytes,
}

impl ScriptResult {
    /// What a worker reported, if it is within the limits: a script may have sent it.
    pub(super) fn from_report(report: ScriptReport, limits: &ScriptLimits) -> Self {
        if report.printed.len() > limits.max_output_bytes {
            return ScriptOutcome::LimitExceeded(ExceededLimit::Output).into();
        }
        let text_bytes = match &report.end {
            ScriptEnd::Finished(Some(text)) | ScriptEnd::Raised(text) => text.len(),
            ScriptEnd::Finished(None) | ScriptEnd::LimitExceeded(_) | ScriptEnd::EngineFailed => 0,
        };
        let outcome = if text_bytes > limits.max_result_bytes {
            ScriptOutcome::LimitExceeded(ExceededLimit::Result)
        } else {
            report.end.into()
        };
        Self {
            outcome,
            printed: detached(report.printed),
        }
    }
}

impl From<ScriptOutcome> for ScriptResult {
    fn from(outcome: ScriptOutcome) -> Self {
        Self {
            outcome,
            printed: bytes::Bytes::new(),
        }
    }
}

impl From<SandboxError> for ScriptResult {
    fn from(error: SandboxError) -> Self {
        ScriptOutcome::SandboxFailed(error).into()
    }
}

/// How scripts of one server are run.
#[derive(Debug)]
pub(super) struct RunSettings {
    pub(super) program: ZygoteProgram,
    pub(super) keep_warm: Duration,
    pub(super) allow_weaker_isolation: bool,
}

impl RunSettings {
    pub(super) fn new(config: &ScriptConfig) -> Self {
        Self {
            program: ZygoteProgram::new(config),
            keep_warm: config.keep_warm,
            allow_weaker_isolation: config.allow_weaker_isolation,
        }
    }

    /// Whether a script may only run with every layer.
    pub(super) fn requires_layers(&self) -> bool {
        self.program.engine.interpreter().is_some() && !self.allow_weaker_isolation
    }

    /// # Errors
    ///
    /// When the worker lacks a layer that the engine requires.
    pub(super) fn accept(&self, isolation: IsolationReport) -> Result<(), SandboxError> {
        let engine = &self.program.engine;
        isolation.record(engine);
        let missing = isolation.missing_layers();
        if missing.is_empty() || !self.requires_layers() {
            Ok(())
        } else {
            Err(SandboxError::WeakerIsolation(missing))
        }
    }
}

/// A running script. Dropping it ends the script.
#[derive(Debug)]
pub(super) struct RunningScript {
    kill_handle: Arc<KillHandle>,
    result: oneshot::Receiver<ScriptResult>,
}

impl RunningScript {
    /// Starts a script on a thread of its own, which holds `permit` until its lookups have
    /// returned.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub(super) fn start(
        start: impl FnOnce() -> StartMessage + Send + 'static,
        session: Session,
        settings: RunSettings,
        permit: impl Send + 'static,
    ) -> Result<Self, SandboxError> {
        let kill_handle = Arc::new(KillHandle::default());
        let thread_handle = Arc::clone(&kill_handle);
        Self::spawn(kill_handle, permit, move || {
            let start = start();
            let result = supervise(&start, session, &settings, &thread_handle);
            (result, start, settings)
        })
    }

    /// Continues with a worker that was given its script.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub(super) fn resume(
        worker: StartedWorker,
        start: StartMessage,
        session: Session,
        settings: RunSettings,
        permit: impl Send + 'static,
    ) -> Result<Self, SandboxError> {
        let StartedWorker {
            kill_handle,
            received,
            stream,
            exit_status,
            is_isolated,
        } = worker;
        let thread_handle = Arc::clone(&kill_handle);
        Self::spawn(kill_handle, permit, move || {
            let mut worker = BufReader::new(io::Cursor::new(received).chain(stream));
            let accepted = if is_isolated {
                Ok(())
            } else {
                accept_isolation(&mut worker, &settings)
            };
            let result = match accepted {
                Ok(()) => converse(&mut worker, &start, session),
                Err(result) => result,
            };
            let result = result.unwrap_or_else(|| read_end(&settings.program.engine, exit_status));
            thread_handle.close();
            (result, start, settings)
        })
    }

    fn spawn(
        kill_handle: Arc<KillHandle>,
        permit: impl Send + 'static,
        run: impl FnOnce() -> (ScriptResult, StartMessage, RunSettings) + Send + 'static,
    ) -> Result<Self, SandboxError> {
        let (sender, result) = oneshot::channel();
        thread::Builder::new()
            .name("run-script".into())
            .spawn(move || {
                let (result, start, settings) = run();
                descriptor_reserve::refill();
                let limits = start.limits;
                drop(start.source);
                drop(permit); // before the answer: its reader may send the next script
                let _ = sender.send(result); // the client may have gone
                let RunSettings {
                    program, keep_warm, ..
                } = &settings;
                zygote_pool::request_worker(program, &limits, *keep_warm);
                if frame::take_had_long_frame() {
                    heap::trim_thread();
                }
            })
            .map_err(SandboxError::not_provided("thread"))?;
        Ok(Self {
            kill_handle,
            result,
        })
    }

    /// Waits for the result, at most for `limit`.
    pub(super) async fn finish(mut self, limit: Duration) -> ScriptResult {
        match tokio::time::timeout(limit, &mut self.result).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => SandboxError::ServerThread.into(),
            Err(_) => {
                let was_started = self.kill_handle.kill();
                // The thread releases its permit first, unless a lookup keeps it.
                let _ = tokio::time::timeout(EXIT_GRACE, &mut self.result).await;
                if was_started {
                    ScriptOutcome::LimitExceeded(ExceededLimit::Wall).into()
                } else {
                    SandboxError::StartTimeout.into()
                }
            }
        }
    }
}

impl Drop for RunningScript {
    fn drop(&mut self) {
        self.kill_handle.kill();
    }
}

/// A worker that has its script, and what it has sent that is not read yet.
pub(super) struct StartedWorker {
    pub(super) kill_handle: Arc<KillHandle>,
    pub(super) received: Vec<u8>,
    pub(super) stream: UnixStream,
    pub(super) exit_status: UnixStream,
    /// Whether the report of its isolation was read.
    pub(super) is_isolated: bool,
}

/// Ends a worker from any thread, even before it is started.
#[derive(Debug, Default)]
pub(super) struct KillHandle(Mutex<KillState>);

#[derive(Debug, Default)]
struct KillState {
    worker: Option<OwnedFd>,
    started: bool,
    killed: bool,
}

impl KillHandle {
    /// Ends the worker; returns whether it was started.
    pub(super) fn kill(&self) -> bool {
        let mut state = lock(&self.0);
        state.killed = true;
        state.kill_worker();
        state.started
    }

    /// Ends the worker, and closes the descriptor of its process.
    pub(super) fn close(&self) {
        let mut state = lock(&self.0);
        state.kill_worker();
        state.worker = None;
    }

    /// Stores the worker, and ends it if it is not wanted any more.
    pub(super) fn attach(&self, worker: OwnedFd) {
        let mut state = lock(&self.0);
        state.worker = Some(worker);
        state.started = true;
        if state.killed {
            state.kill_worker();
        }
    }
}

impl KillState {
    fn kill_worker(&self) {
        if let Some(worker) = &self.worker {
            let _ = pidfd_send_signal(worker, Signal::KILL); // it may have ended
        }
    }
}

/// Runs one script and returns its result as soon as the worker reports it, without waiting for
/// the worker to end.
fn supervise(
    start: &StartMessage,
    session: Session,
    settings: &RunSettings,
    kill_handle: &KillHandle,
) -> ScriptResult {
    let RunSettings {
        program, keep_warm, ..
    } = settings;
    let worker = match zygote_pool::spawn_worker(program, &start.limits, *keep_warm) {
        Ok(worker) => worker,
        Err(error) => {
            let cause = one_line(&error);
            log_queue::emit(move || {
                tracing::error!(
                    target: "admin_endpoints::script", error = %cause,
                    "cannot run a script"
                );
            });
            return error.into();
        }
    };
    let SpawnedWorker {
        process,
        stream,
        exit_status,
    } = worker;
    kill_handle.attach(process);
    let result = serve_worker(start, session, settings, stream)
        .unwrap_or_else(|| read_end(&program.engine, exit_status));
    kill_handle.close(); // a worker that reported is not trusted to end
    result
}

/// What a worker sends, after what was received already.
type WorkerReader = BufReader<io::Chain<io::Cursor<Vec<u8>>, UnixStream>>;

fn stream_of(worker: &mut WorkerReader) -> &mut UnixStream {
    worker.get_mut().get_mut().1
}

/// Sends the script to an isolated worker, and answers lookups until the report; `None` when the
/// worker has ended.
fn serve_worker(
    start: &StartMessage,
    session: Session,
    settings: &RunSettings,
    stream: UnixStream,
) -> Option<ScriptResult> {
    let mut worker = BufReader::new(io::Cursor::new(Vec::new()).chain(stream));
    // The worker reads it after it has isolated itself. Without waiting for its report, a script
    // is two changes of the running process faster.
    let sent_first = !settings.requires_layers();
    if sent_first {
        send_start(stream_of(&mut worker), start)?;
    }
    if let Err(result) = accept_isolation(&mut worker, settings) {
        return result;
    }
    if !sent_first {
        send_start(stream_of(&mut worker), start)?;
    }
    converse(&mut worker, start, session)
}

/// Reads the first message, before the worker has read a script, which may send anything. `Err` is
/// the result, or `None` when the worker has ended.
fn accept_isolation(
    worker: &mut WorkerReader,
    settings: &RunSettings,
) -> Result<(), Option<ScriptResult>> {
    let accepted = match frame::read(worker) {
        Ok(WorkerMessage::Isolated(isolation)) => settings.accept(isolation),
        Ok(WorkerMessage::SetupFailed(failure)) => Err(SandboxError::WorkerSetup(failure)),
        Ok(_) => Err(SandboxError::InvalidMessage),
        Err(error) => Err(invalid_message(&error).ok_or(None::<ScriptResult>)?),
    };
    accepted.map_err(|error| Some(error.into()))
}

/// Answers lookups until the report; `None` when the worker has ended.
fn converse(
    worker: &mut WorkerReader,
    start: &StartMessage,
    mut session: Session,
) -> Option<ScriptResult> {
    loop {
        match frame::read(worker) {
            Ok(WorkerMessage::Done(report)) => {
                return Some(ScriptResult::from_report(report, &start.limits));
            }
            Ok(question) => send_reply(stream_of(worker), &answer(&mut session, question))?,
            Err(error) => return invalid_message(&error).map(ScriptResult::from),
        }
    }
}

/// Sends the script. A worker that has ended says why in a message that is still to be read.
fn send_start(worker: &mut UnixStream, start: &StartMessage) -> Option<()> {
    match frame::write(worker, start) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => None,
        _ => Some(()),
    }
}

/// What the server makes of a message that cannot be read; `None` when the worker has ended.
fn invalid_message(error: &io::Error) -> Option<SandboxError> {
    let is_invalid = error.kind() == io::ErrorKind::InvalidData;
    is_invalid.then_some(SandboxError::InvalidMessage)
}

/// The result of a worker that ended without a report.
fn read_end(engine: &Engine, mut exit_status: UnixStream) -> ScriptResult {
    let mut message = [0; ExitStatus::MESSAGE_BYTES];
    let read = exit_status
        .set_read_timeout(Some(EXIT_STATUS_TIMEOUT))
        .and_then(|()| exit_status.read_exact(&mut message));
    match read {
        Ok(()) => ScriptOutcome::of_ended_worker(engine, ExitStatus::from_bytes(message)).into(),
        Err(_) => SandboxError::WorkerLost.into(),
    }
}

/// Sends a reply; one that is too large is an exception in the script.
fn send_reply(worker: &mut UnixStream, reply: &LookupReply) -> Option<()> {
    match frame::write(worker, reply) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            let too_large = LookupReply::Raise {
                exception: ScriptErrorKind::Value,
                message: format!(
                    "the value takes more than {}",
                    Bytes(frame::MAX_FRAME_BYTES)
                ),
            };
            frame::write(worker, &too_large).ok()
        }
        sent => sent.ok(),
    }
}

/// A lookup that panics is an exception in the script; the worker still needs its supervisor.
fn answer(session: &mut Session, question: WorkerMessage) -> LookupReply {
    catch_unwind(AssertUnwindSafe(|| session.answer(question))).unwrap_or_else(|_| {
        LookupReply::Raise {
            exception: ScriptErrorKind::Runtime,
            message: "the lookup failed; the log of the process says why".to_owned(),
        }
    })
}
