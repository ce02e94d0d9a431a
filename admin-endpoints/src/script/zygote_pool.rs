//! Where children come from: one zygote for the whole process, kept until no script came for a
//! while, so that a program nobody looks into has no second process.

use std::{
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream,
    },
    process::Child,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use rustix::{
    net::sockopt::{Timeout, set_socket_timeout},
    process::{Pid, Signal, kill_process},
};

use super::{
    child::{self, Bounds},
    limits::ScriptLimits,
};

/// How long a zygote may take to fork.
const ZYGOTE_REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// The platform has one executable to start again, so a process has one zygote.
static ZYGOTE: Mutex<Option<Zygote>> = Mutex::new(None);

/// A child that waits for its script.
#[derive(Debug)]
pub(super) struct SpawnedWorker {
    pub(super) pid: Pid,
    pub(super) stream: UnixStream,
    /// Children die with the thread that started their zygote: it stays as long as this.
    pub(super) lease: Lease,
}

/// Keeps the thread that a child depends on.
#[derive(Debug)]
pub(super) struct Lease(#[expect(dead_code, reason = "held, not used")] Sender<Duration>);

/// A child of the zygote, which stays for `linger` after the last one.
///
/// # Errors
/// When the system has no process, thread or file to give.
pub(super) fn child(limits: &ScriptLimits, linger: Duration) -> io::Result<SpawnedWorker> {
    let bounds = Bounds {
        memory_bytes: limits.memory_bytes as u64,
        cpu_seconds: whole_seconds(limits.cpu),
    };
    let (stream, theirs) = UnixStream::pair()?;
    let mut present = present();
    if let Some(zygote) = &*present {
        match zygote.fork(bounds, &theirs) {
            Ok(forked) => return Ok(zygote.spawned_worker(forked?, stream, linger)),
            // It may have been killed, and is replaced.
            Err(error) => {
                tracing::warn!(%error, "the process that scripts are forked from has gone");
            }
        }
    }
    *present = None;
    let zygote = present.insert(Zygote::start(linger)?);
    let forked = zygote.fork(bounds, &theirs)?;
    Ok(zygote.spawned_worker(forked?, stream, linger))
}

fn present() -> MutexGuard<'static, Option<Zygote>> {
    ZYGOTE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The kernel counts CPU time in seconds; rounded up, so that it never comes first.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(1)
}

/// The process that children are forked from. Dropping it ends it, but not its children.
#[derive(Debug)]
struct Zygote {
    pid: Pid,
    orders: OwnedFd,
    /// Tells its keeper of each child, and how long to linger after it.
    spawns: Sender<Duration>,
}

impl Zygote {
    /// Starts one on a thread of its own: the children die when that thread ends.
    fn start(linger: Duration) -> io::Result<Self> {
        let (orders, theirs) = child::pair()?;
        set_socket_timeout(&orders, Timeout::Recv, Some(ZYGOTE_REPLY_TIMEOUT))?;
        let (spawns, heard) = mpsc::channel();
        let (tell, started) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("script-zygote".into())
            .spawn(move || match child::start_zygote(theirs) {
                Ok(zygote) => {
                    let _ = tell.send(Ok(Pid::from_child(&zygote))); // the starter waits for it
                    keep(zygote, &heard, linger);
                }
                Err(error) => drop(tell.send(Err(error))),
            })?;
        let pid = started.recv().map_err(io::Error::other)??;
        Ok(Self {
            pid,
            orders,
            spawns,
        })
    }

    /// The outer error is a zygote that has gone, the inner one a system that refused the fork.
    fn fork(&self, bounds: Bounds, stream: &UnixStream) -> io::Result<io::Result<Pid>> {
        child::send_request(self.orders.as_fd(), bounds, stream)?;
        child::recv_reply(self.orders.as_fd())
    }

    fn spawned_worker(&self, pid: Pid, stream: UnixStream, linger: Duration) -> SpawnedWorker {
        let _ = self.spawns.send(linger); // its keeper listens as long as it is here
        SpawnedWorker {
            pid,
            stream,
            lease: Lease(self.spawns.clone()),
        }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // Its keeper waits for it only after this, so that the number is still its own.
        let _ = kill_process(self.pid, Signal::KILL);
    }
}

/// Stays until the zygote is not wanted any more and its children have ended.
fn keep(mut zygote: Child, spawns: &Receiver<Duration>, mut linger: Duration) {
    let pid = Pid::from_child(&zygote);
    loop {
        match spawns.recv_timeout(linger) {
            Ok(after) => linger = after,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let mut present = present();
                match spawns.try_recv() {
                    Ok(after) => linger = after, // a child came in between
                    Err(_) => {
                        present.take_if(|present| present.pid == pid);
                        break;
                    }
                }
            }
        }
    }
    while spawns.recv().is_ok() {} // ends when the last child's lease does
    let _ = zygote.wait();
}
