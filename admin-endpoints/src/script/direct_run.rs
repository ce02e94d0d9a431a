//! A short script is run by the thread that has its request, as long as nothing blocks it.
//!
//! To wake another thread takes longer than most scripts run. A worker must have been prepared; a
//! thread of its own takes over where the script asks for a live object, which may block.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use admin_runtime::clock::Clock;

use super::frame;
use super::limits::{ExceededLimit, ScriptLimits};
use super::outcome::ScriptOutcome;
use super::run::{KillHandle, RunSettings, RunningScript, ScriptResult, StartedWorker};
use super::sandbox_error::SandboxError;
use super::session::Session;
use super::spawned_worker::SpawnedWorker;
use super::wire::{StartMessage, WorkerMessage};
use super::zygote_pool;

/// Longer sources and answers are for a thread.
const MAX_SHORT_BYTES: usize = 16 * 1024;

/// How long the answer is waited for without sleeping: longer than short scripts run, and shorter
/// than other requests notice.
const SPIN_TIME: Duration = Duration::from_micros(200);

/// Runs a script, at most for the wall time of `limits`.
pub(super) async fn run(
    start: impl FnOnce() -> StartMessage + Send + 'static,
    source_bytes: usize,
    limits: &ScriptLimits,
    session: Session,
    settings: RunSettings,
    permit: impl Send + 'static,
) -> ScriptResult {
    let limit = limits.max_wall_time;
    let RunSettings {
        program, keep_warm, ..
    } = &settings;
    let is_short = source_bytes <= MAX_SHORT_BYTES && !settings.requires_layers();
    let ready = is_short.then(|| zygote_pool::take_ready_worker(program, limits, *keep_warm));
    let Some(worker) = ready.flatten() else {
        return match RunningScript::start(start, session, settings, permit) {
            Ok(script) => script.finish(limit).await,
            Err(error) => error.into(),
        };
    };
    let start = start();
    let began = Clock::system().now();
    let mut worker = DirectRun::new(worker);
    let result = match tokio::time::timeout(limit, worker.run(&start, &settings)).await {
        Ok(Ok(Step::Ended(result))) => result,
        Ok(Ok(Step::Continues)) => {
            let left = limit.saturating_sub(began.elapsed());
            let resumed = worker
                .into_started()
                .map_err(SandboxError::not_provided("socket"))
                .and_then(|worker| RunningScript::resume(worker, start, session, settings, permit));
            return match resumed {
                Ok(script) => script.finish(left).await,
                Err(error) => error.into(),
            };
        }
        Ok(Err(error)) => SandboxError::not_provided("socket")(error).into(),
        Err(_) => ScriptOutcome::LimitExceeded(ExceededLimit::Wall).into(),
    };
    drop(worker); // one that reported is not trusted to end
    drop(permit);
    // After the answer, which is sent by this thread.
    tokio::spawn(async move {
        let RunSettings {
            program, keep_warm, ..
        } = &settings;
        zygote_pool::request_worker_without_waiting(program, &start.limits, *keep_warm);
    });
    result
}

enum Step {
    Ended(ScriptResult),
    /// With a message that is for a thread, or with the end of the worker.
    Continues,
}

/// A worker that runs a script.
struct DirectRun {
    worker: KilledOnDrop,
    /// `None` if it could not be registered with the runtime.
    stream: Option<WorkerStream>,
    exit_status: UnixStream,
    received: Vec<u8>,
    is_isolated: bool,
}

/// The stream of a worker. Most scripts end before it has to be registered.
enum WorkerStream {
    Plain(UnixStream),
    Registered(tokio::net::UnixStream),
}

/// What was read from a worker.
enum Received {
    Bytes,
    Nothing,
    End,
}

impl DirectRun {
    fn new(worker: SpawnedWorker) -> Self {
        let SpawnedWorker {
            process,
            stream,
            exit_status,
        } = worker;
        let kill_handle = Arc::new(KillHandle::default());
        kill_handle.attach(process);
        Self {
            worker: KilledOnDrop(Some(kill_handle)),
            stream: Some(WorkerStream::Plain(stream)),
            exit_status,
            received: Vec::new(),
            is_isolated: false,
        }
    }

    /// Sends the script and waits for its report.
    async fn run(&mut self, start: &StartMessage, settings: &RunSettings) -> io::Result<Step> {
        let message = frame::to_bytes(start)?;
        let Some(WorkerStream::Plain(stream)) = self.stream.take() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        stream.set_nonblocking(true)?;
        let mut rest = &message[..];
        let mut step = send(&mut rest, |bytes| (&stream).write(bytes));
        let began = Clock::system().now();
        while step.is_none() && rest.is_empty() && began.elapsed() < SPIN_TIME {
            step = match self.receive(|buffer| (&stream).read(buffer))? {
                Received::Bytes => self.step(start, settings),
                Received::End => Some(Step::Continues),
                Received::Nothing => {
                    thread::yield_now();
                    None
                }
            };
        }
        if let Some(step) = step {
            self.stream = Some(WorkerStream::Plain(stream));
            return Ok(step);
        }
        let stream = tokio::net::UnixStream::from_std(stream)?;
        let step = self.wait(&stream, rest, start, settings).await;
        self.stream = Some(WorkerStream::Registered(stream));
        step
    }

    /// Sends the rest of the script and waits for its report.
    async fn wait(
        &mut self,
        stream: &tokio::net::UnixStream,
        mut rest: &[u8],
        start: &StartMessage,
        settings: &RunSettings,
    ) -> io::Result<Step> {
        while !rest.is_empty() {
            stream.writable().await?;
            if let Some(step) = send(&mut rest, |bytes| stream.try_write(bytes)) {
                return Ok(step);
            }
        }
        loop {
            stream.readable().await?;
            let step = match self.receive(|buffer| stream.try_read(buffer))? {
                Received::Bytes => self.step(start, settings),
                Received::End => Some(Step::Continues),
                Received::Nothing => None,
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    fn receive(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<Received> {
        let mut buffer = [0; 4096];
        match read(&mut buffer) {
            Ok(0) => Ok(Received::End),
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                Ok(Received::Bytes)
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(Received::Nothing),
                io::ErrorKind::ConnectionReset => Ok(Received::End),
                _ => Err(error),
            },
        }
    }

    /// Handles the messages that were received as a whole.
    fn step(&mut self, start: &StartMessage, settings: &RunSettings) -> Option<Step> {
        loop {
            let length = frame::first_length(&self.received)?;
            if length > MAX_SHORT_BYTES {
                return Some(Step::Continues);
            }
            let mut message = self.received.get(..length)?;
            match frame::read(&mut message) {
                Ok(WorkerMessage::Isolated(isolation)) if !self.is_isolated => {
                    if let Err(error) = settings.accept(isolation) {
                        return Some(Step::Ended(error.into()));
                    }
                    self.is_isolated = true;
                    self.received.drain(..length);
                }
                Ok(WorkerMessage::Done(report)) if self.is_isolated => {
                    let result = ScriptResult::from_report(report, &start.limits);
                    return Some(Step::Ended(result));
                }
                _ => return Some(Step::Continues),
            }
        }
    }

    /// For a thread, which may block.
    fn into_started(self) -> io::Result<StartedWorker> {
        let stream = match self.stream.ok_or(io::ErrorKind::NotConnected)? {
            WorkerStream::Plain(stream) => stream,
            WorkerStream::Registered(stream) => stream.into_std()?,
        };
        stream.set_nonblocking(false)?;
        Ok(StartedWorker {
            kill_handle: self.worker.keep(),
            received: self.received,
            stream,
            exit_status: self.exit_status,
            is_isolated: self.is_isolated,
        })
    }
}

/// Writes once; a worker that has ended says why in a message that is still to be read.
fn send(rest: &mut &[u8], write: impl FnOnce(&[u8]) -> io::Result<usize>) -> Option<Step> {
    match write(rest) {
        Ok(count) => {
            *rest = rest.get(count..).unwrap_or_default();
            None
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        Err(_) => Some(Step::Continues),
    }
}

/// A worker that ends when nobody waits for it.
struct KilledOnDrop(Option<Arc<KillHandle>>);

impl KilledOnDrop {
    fn keep(mut self) -> Arc<KillHandle> {
        self.0.take().unwrap_or_default()
    }
}

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        if let Some(worker) = &self.0 {
            worker.close();
        }
    }
}
