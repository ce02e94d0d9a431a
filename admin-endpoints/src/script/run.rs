//! One script, from its child's start to its end.

use std::{
    io::{self, BufReader},
    os::unix::{net::UnixStream, process::ExitStatusExt},
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::{
    io::retry_on_intr,
    process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, waitid, waitpid},
};
use tokio::sync::oneshot;

use super::{
    child::Isolation,
    frame,
    limits::{Bytes, Exceeded},
    outcome::{SandboxFailure, ScriptOutcome},
    session::Session,
    wire::{Exception, LookupReply, Start, WorkerMessage},
    zygote_pool::{self, SpawnedWorker},
};

/// How long a killed child may take to be gone.
const EXIT_GRACE: Duration = Duration::from_millis(250);

/// How a script ended.
#[derive(Debug)]
pub(super) struct ScriptResult {
    pub(super) outcome: ScriptOutcome,
    pub(super) printed: String,
    /// The active isolation layers, if the worker reported them.
    pub(super) isolation: Option<Isolation>,
}

impl ScriptResult {
    pub(super) fn only(outcome: ScriptOutcome) -> Self {
        Self {
            outcome,
            printed: String::new(),
            isolation: None,
        }
    }
}

/// A script on its way. Dropping it ends the script.
#[derive(Debug)]
pub(super) struct RunningScript {
    kill_handle: Arc<KillHandle>,
    ran: oneshot::Receiver<ScriptResult>,
}

impl RunningScript {
    /// Starts a script on a thread of its own, which holds `slot` until look-ups have returned.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn start(
        start: Start,
        session: Session,
        keep_warm: Duration,
        slot: impl Send + 'static,
    ) -> io::Result<Self> {
        let kill_handle = Arc::new(KillHandle::default());
        let (tell, ran) = oneshot::channel();
        let held = Arc::clone(&kill_handle);
        std::thread::Builder::new()
            .name("run-script".into())
            .spawn(move || {
                supervise(&start, session, keep_warm, &held, |ran| {
                    drop(slot); // before the answer: whoever reads it may send the next script
                    let _ = tell.send(ran); // nobody waits when the client has gone
                });
            })?;
        Ok(Self { kill_handle, ran })
    }

    /// Waits for its end, which comes at the deadline at the latest.
    pub(super) async fn finish(mut self, wall: Duration) -> ScriptResult {
        match tokio::time::timeout(wall, &mut self.ran).await {
            Ok(Ok(ran)) => ran,
            Ok(Err(_)) => {
                ScriptResult::only(ScriptOutcome::SandboxFailure(SandboxFailure::Sandbox))
            } // a look-up panicked
            Err(_) => {
                self.kill_handle.end();
                // Lets the thread free its place first, unless a look-up keeps it.
                let _ = tokio::time::timeout(EXIT_GRACE, &mut self.ran).await;
                ScriptResult::only(ScriptOutcome::Exceeded(Exceeded::Wall))
            }
        }
    }
}

impl Drop for RunningScript {
    fn drop(&mut self) {
        self.kill_handle.end();
    }
}

/// What ends a child from another thread.
#[derive(Debug, Default)]
struct KillHandle(Mutex<KillState>);

#[derive(Debug, Default)]
struct KillState {
    /// The child, while its number cannot belong to another process.
    child: Option<Pid>,
    ended: bool,
}

impl KillHandle {
    fn lock(&self) -> MutexGuard<'_, KillState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        let mut held = self.lock();
        held.ended = true;
        if let Some(child) = held.child {
            let _ = kill_process(child, Signal::KILL); // it may have ended by itself
        }
    }

    fn hold(&self, child: Pid) {
        self.lock().child = Some(child);
    }

    fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Waits for the child's end and lets go before its number is free again.
    fn reap(&self, child: Pid) -> io::Result<ExitStatus> {
        let dead = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        // Fails where the program ignores the ends of children; then so does the next line.
        let _ = retry_on_intr(|| waitid(WaitId::Pid(child), dead));
        self.lock().child = None;
        let ended = retry_on_intr(|| waitpid(Some(child), WaitOptions::empty()))?;
        let (_, status) = ended.ok_or(io::ErrorKind::NotFound)?;
        Ok(ExitStatus::from_raw(status.as_raw()))
    }
}

/// Runs a script to its end and hands over what came of it, at once when the child has said so:
/// what a child that was killed still takes to be gone is no time of the client's.
fn supervise(
    start: &Start,
    session: Session,
    keep_warm: Duration,
    kill_handle: &KillHandle,
    report: impl FnOnce(ScriptResult),
) {
    let SpawnedWorker { pid, stream, lease } = match zygote_pool::child(&start.limits, keep_warm) {
        Ok(spawned_worker) => spawned_worker,
        Err(error) => {
            tracing::error!(%error, "the script sandbox could not be started");
            return report(ScriptResult::only(ScriptOutcome::SandboxFailure(
                SandboxFailure::Sandbox,
            )));
        }
    };
    kill_handle.hold(pid);
    match serve_lookups(start, session, kill_handle, stream) {
        Some(ran) => {
            kill_handle.end(); // it has said all; it need not be trusted to leave
            report(ran);
            let _ = kill_handle.reap(pid); // how it ended says nothing more
        }
        None => {
            let death = kill_handle.reap(pid);
            let outcome = death.map_or(
                ScriptOutcome::SandboxFailure(SandboxFailure::Sandbox),
                ScriptOutcome::of_death,
            );
            report(ScriptResult::only(outcome));
        }
    }
    drop(lease);
}

/// Sends the script and answers look-ups until its report; `None` when the child has gone.
fn serve_lookups(
    start: &Start,
    mut session: Session,
    kill_handle: &KillHandle,
    stream: UnixStream,
) -> Option<ScriptResult> {
    if kill_handle.has_ended() {
        return Some(ScriptResult::only(ScriptOutcome::Exceeded(Exceeded::Wall)));
    }
    let mut child = BufReader::new(stream);
    frame::write(child.get_mut(), start).ok()?;
    loop {
        match frame::read(&mut child) {
            Ok(WorkerMessage::Done(report, isolation)) => {
                let outcome = report.ended.into();
                isolation.seen();
                return Some(ScriptResult {
                    outcome,
                    printed: report.printed,
                    isolation: Some(isolation),
                });
            }
            Ok(question) => reply(child.get_mut(), &answer(&mut session, question))?,
            // Bytes that are no message: whatever it is, it does not run a script any more.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Some(ScriptResult::only(ScriptOutcome::SandboxFailure(
                    SandboxFailure::Sandbox,
                )));
            }
            Err(_) => return None,
        }
    }
}

/// Sends a reply; one that is too large is an exception in the script.
fn reply(child: &mut UnixStream, reply: &LookupReply) -> Option<()> {
    match frame::write(child, reply) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            let too_large = LookupReply::Raise {
                exception: Exception::Value,
                message: format!("the value takes more than {}", Bytes(frame::MAX_FRAME)),
            };
            frame::write(child, &too_large).ok()
        }
        sent => sent.ok(),
    }
}

/// A look-up that panics is an exception in the script; the child still has to be seen through.
fn answer(session: &mut Session, question: WorkerMessage) -> LookupReply {
    catch_unwind(AssertUnwindSafe(|| session.answer(question))).unwrap_or_else(|_| {
        LookupReply::Raise {
            exception: Exception::Runtime,
            message: "the look-up failed; the log of the process says why".to_owned(),
        }
    })
}
