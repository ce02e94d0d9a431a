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
    child::Walls,
    frame,
    limits::{Bytes, Exceeded},
    nursery::{self, Newborn},
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
        keep_warm: Duration,
        slot: impl Send + 'static,
    ) -> io::Result<Self> {
        let leash = Arc::new(Leash::default());
        let (tell, ran) = oneshot::channel();
        let held = Arc::clone(&leash);
        std::thread::Builder::new()
            .name("run-script".into())
            .spawn(move || {
                see_through(&start, session, keep_warm, &held, |ran| {
                    drop(slot); // before the answer: whoever reads it may send the next script
                    let _ = tell.send(ran); // nobody waits when the client has gone
                });
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
    fn lock(&self) -> MutexGuard<'_, Held> {
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
fn see_through(
    start: &Start,
    session: Session,
    keep_warm: Duration,
    leash: &Leash,
    hand_over: impl FnOnce(Ran),
) {
    let Newborn { pid, stream, lease } = match nursery::child(&start.limits, keep_warm) {
        Ok(newborn) => newborn,
        Err(error) => {
            tracing::error!(%error, "the script sandbox could not be started");
            return hand_over(Ran::only(Outcome::Lost(Lost::Sandbox)));
        }
    };
    leash.hold(pid);
    match converse(start, session, leash, stream) {
        Some(ran) => {
            leash.end(); // it has said all; it need not be trusted to leave
            hand_over(ran);
            let _ = leash.reap(pid); // how it ended says nothing more
        }
        None => {
            let death = leash.reap(pid);
            let outcome = death.map_or(Outcome::Lost(Lost::Sandbox), Outcome::of_death);
            hand_over(Ran::only(outcome));
        }
    }
    drop(lease);
}

/// Sends the script and answers look-ups until its report; `None` when the child has gone.
fn converse(start: &Start, mut session: Session, leash: &Leash, stream: UnixStream) -> Option<Ran> {
    if leash.has_ended() {
        return Some(Ran::only(Outcome::Exceeded(Exceeded::Wall)));
    }
    let mut child = BufReader::new(stream);
    frame::write(child.get_mut(), start).ok()?;
    loop {
        match frame::read(&mut child) {
            Ok(FromSandbox::Done(report, walls)) => {
                let outcome = report.ended.into();
                walls.seen();
                return Some(Ran {
                    outcome,
                    printed: report.printed,
                    walls: Some(walls),
                });
            }
            Ok(question) => reply(child.get_mut(), &answer(&mut session, question))?,
            // Bytes that are no message: whatever it is, it does not run a script any more.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Some(Ran::only(Outcome::Lost(Lost::Sandbox)));
            }
            Err(_) => return None,
        }
    }
}

/// Sends a reply; one that is too large is an exception in the script.
fn reply(child: &mut UnixStream, reply: &Reply) -> Option<()> {
    match frame::write(child, reply) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            let too_large = Reply::Raise {
                exception: Exception::Value,
                message: format!("the value takes more than {}", Bytes(frame::MAX_FRAME)),
            };
            frame::write(child, &too_large).ok()
        }
        sent => sent.ok(),
    }
}

/// A look-up that panics is an exception in the script; the child still has to be seen through.
fn answer(session: &mut Session, question: FromSandbox) -> Reply {
    catch_unwind(AssertUnwindSafe(|| session.answer(question))).unwrap_or_else(|_| Reply::Raise {
        exception: Exception::Runtime,
        message: "the look-up failed; the log of the process says why".to_owned(),
    })
}
