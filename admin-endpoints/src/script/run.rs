//! One script, from its child's start to its end.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Child, ChildStdin, ChildStdout},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::sync::oneshot;

use super::{
    child::{self, Walls},
    frame,
    limits::Exceeded,
    outcome::{Lost, Outcome},
    session::Session,
    wire::{Exception, FromSandbox, Reply, Start},
};

/// How long a killed child may take to be gone.
const REAPING: Duration = Duration::from_millis(250);

/// How a script ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) outcome: Outcome,
    pub(super) printed: String,
    /// Which walls stood, when the child lived to say so.
    pub(super) walls: Option<Walls>,
}

impl Ran {
    pub(super) fn only(outcome: Outcome) -> Self {
        Self {
            outcome,
            printed: String::new(),
            walls: None,
        }
    }
}

/// A script on its way. Dropping it ends the script.
#[derive(Debug)]
pub(super) struct Running {
    leash: Arc<Leash>,
    ran: oneshot::Receiver<Ran>,
}

impl Running {
    /// Starts a script on a thread of its own, which holds `slot` until look-ups have returned.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn start(
        start: Start,
        session: Session,
        slot: impl Send + 'static,
    ) -> io::Result<Self> {
        let leash = Arc::new(Leash::default());
        let (tell, ran) = oneshot::channel();
        let held = Arc::clone(&leash);
        // The child dies with the thread that started it, so that thread sees it through.
        std::thread::Builder::new()
            .name("run-script".into())
            .spawn(move || {
                let ran = see_through(&start, session, &held);
                drop(slot); // before the answer: whoever reads it may send the next script
                let _ = tell.send(ran); // nobody waits when the client has gone
            })?;
        Ok(Self { leash, ran })
    }

    /// Waits for its end, which comes at the deadline at the latest.
    pub(super) async fn finish(mut self, wall: Duration) -> Ran {
        match tokio::time::timeout(wall, &mut self.ran).await {
            Ok(Ok(ran)) => ran,
            Ok(Err(_)) => Ran::only(Outcome::Lost(Lost::Sandbox)), // a look-up panicked
            Err(_) => {
                self.leash.end();
                // Lets the thread free its place first, unless a look-up keeps it.
                let _ = tokio::time::timeout(REAPING, &mut self.ran).await;
                Ran::only(Outcome::Exceeded(Exceeded::Wall))
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.leash.end();
    }
}

/// What ends a child from another thread.
#[derive(Debug, Default)]
struct Leash(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// The child, while its number cannot belong to another process.
    child: Option<Pid>,
    ended: bool,
}

impl Leash {
    fn end(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.ended = true;
        if let Some(child) = held.child {
            let _ = kill_process(child, Signal::KILL); // it may have ended by itself
        }
    }

    fn hold(&self, child: &Child) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.child = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        drop(held);
    }

    fn has_ended(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ended
    }

    /// Waits for the child's end and lets go before its number is free again.
    fn reap(&self, child: &mut Child) -> io::Result<std::process::ExitStatus> {
        if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let dead = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), dead) {}
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).child = None;
        child.wait()
    }
}

fn see_through(start: &Start, session: Session, leash: &Leash) -> Ran {
    let mut child = match child::spawn(&start.limits) {
        Ok(child) => child,
        Err(error) => {
            tracing::error!(%error, "the script sandbox could not be started");
            return Ran::only(Outcome::Lost(Lost::Sandbox));
        }
    };
    leash.hold(&child);
    let pipes = child.stdin.take().zip(child.stdout.take());
    let ran = pipes.and_then(|(input, output)| converse(start, session, leash, input, output));
    if ran.is_some() {
        leash.end(); // it has said all; it need not be trusted to leave
    }
    let death = leash.reap(&mut child);
    ran.unwrap_or_else(|| Ran::only(death.map_or(Outcome::Lost(Lost::Sandbox), Outcome::of_death)))
}

/// Sends the script and answers look-ups until its report; `None` when the child has gone.
fn converse(
    start: &Start,
    mut session: Session,
    leash: &Leash,
    mut input: ChildStdin,
    mut output: ChildStdout,
) -> Option<Ran> {
    if leash.has_ended() {
        return Some(Ran::only(Outcome::Exceeded(Exceeded::Wall)));
    }
    frame::write(&mut input, start).ok()?;
    loop {
        match frame::read(&mut output) {
            Ok(FromSandbox::Done(report, walls)) => {
                let outcome = report.ended.into();
                return Some(Ran {
                    outcome,
                    printed: report.printed,
                    walls: Some(walls),
                });
            }
            Ok(question) => frame::write(&mut input, &answer(&mut session, question)).ok()?,
            // Bytes that are no message: whatever it is, it does not run a script any more.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Some(Ran::only(Outcome::Lost(Lost::Sandbox)));
            }
            Err(_) => return None,
        }
    }
}

/// A look-up that panics is an exception in the script; the child still has to be seen through.
fn answer(session: &mut Session, question: FromSandbox) -> Reply {
    catch_unwind(AssertUnwindSafe(|| session.answer(question))).unwrap_or_else(|_| Reply::Raise {
        exception: Exception::Runtime,
        message: "the look-up failed; the log of the process says why".to_owned(),
    })
}
