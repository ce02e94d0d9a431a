//! Makes a profile on a thread of its own, and streams it as it is made.
//!
//! The thread ends when its stream is dropped: then the client has gone. When the server stops, the
//! profile ends early, with what it has.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread::Builder;
use std::time::Duration;

use admin_runtime::clock::Clock;
use admin_runtime::thread_names::spawn_named;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::error::ProfileError;
use super::format::ProfileFormat;
use super::permits::SessionPermit;
use super::sampling::Sampling;
use super::settings::{ProfileProgress, ProfileSettings};

const THREAD_NAME: &str = "admin-profile";

/// How often bytes are sent to a client, to notice that it has gone.
const FILLER_INTERVAL: Duration = Duration::from_secs(1);

/// Chunks that a client has not read yet.
const MAX_CHUNKS: usize = 4;

type Chunk = io::Result<Bytes>;

/// The body of a reply. Sampling begins when it is read first: the reply to HEAD has no body.
pub(super) struct ProfileStream {
    begin: Option<mpsc::Sender<()>>,
    chunks: Receiver<Chunk>,
    /// `None` once it has returned.
    server_stop: Option<BoxFuture<'static, ()>>,
    ends_early: Arc<AtomicBool>,
}

impl fmt::Debug for ProfileStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileStream")
            .field("chunks", &self.chunks)
            .finish_non_exhaustive()
    }
}

impl Stream for ProfileStream {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Chunk>> {
        if let Some(begin) = self.begin.take() {
            let _ = begin.send(()); // the thread has ended if it panicked
        }
        if let Some(server_stop) = &mut self.server_stop
            && server_stop.as_mut().poll(context).is_ready()
        {
            self.server_stop = None;
            self.ends_early.store(true, Ordering::Relaxed);
        }
        self.chunks.poll_recv(context)
    }
}

/// Begins a profile, once everything that can fail has succeeded.
///
/// # Errors
///
/// See [`ProfileError`].
pub(super) async fn begin(
    settings: ProfileSettings,
    format: ProfileFormat,
    server_stop: BoxFuture<'static, ()>,
) -> Result<ProfileStream, ProfileError> {
    let permit = SessionPermit::acquire()?;
    let (begin, has_begun) = mpsc::channel();
    let (sender, chunks) = channel(MAX_CHUNKS);
    let (ready, is_ready) = oneshot::channel();
    let ends_early = Arc::new(AtomicBool::new(false));
    let told_to_end = Arc::clone(&ends_early);
    let body = move || {
        let _permit = permit;
        let session = ProfileSession {
            format,
            sender: &sender,
            has_begun: &has_begun,
            ends_early: &told_to_end,
        };
        let run = AssertUnwindSafe(|| session.run(settings, ready));
        if catch_unwind(run).is_err() {
            let _ = sender.try_send(Err(io::Error::other("the profile failed")));
        }
        release_memory();
    };
    spawn_named(Builder::new(), THREAD_NAME, body).map_err(ProfileError::ThreadNotStarted)?;
    is_ready.await.unwrap_or(Err(ProfileError::Internal))?;
    Ok(ProfileStream {
        begin: Some(begin),
        chunks,
        server_stop: Some(server_stop),
        ends_early,
    })
}

/// What the thread has of a profile.
struct ProfileSession<'a> {
    format: ProfileFormat,
    sender: &'a Sender<Chunk>,
    has_begun: &'a mpsc::Receiver<()>,
    ends_early: &'a AtomicBool,
}

impl ProfileSession<'_> {
    fn run(&self, settings: ProfileSettings, ready: oneshot::Sender<Result<(), ProfileError>>) {
        let sampling = match Sampling::prepare(settings) {
            Ok(sampling) => sampling,
            Err(error) => {
                let _ = ready.send(Err(error)); // the client may have gone
                return;
            }
        };
        if ready.send(Ok(())).is_err() || self.has_begun.recv().is_err() {
            return;
        }
        let clock = Clock::system();
        self.send_at_once(self.format.head());
        let mut last_filler = clock.now();
        let profile = sampling.run(&mut || {
            if clock.now() - last_filler >= FILLER_INTERVAL {
                last_filler = clock.now();
                self.send_at_once(self.format.filler());
            }
            if self.sender.is_closed() {
                ProfileProgress::Cancel
            } else if self.ends_early.load(Ordering::Relaxed) {
                ProfileProgress::EndEarly
            } else {
                ProfileProgress::Continue
            }
        });
        let Some(profile) = profile else { return };
        let tail = self.format.tail(&profile);
        drop(profile);
        let _ = self.sender.blocking_send(tail.map(Bytes::from));
    }

    /// Sends bytes unless the client is too slow, which it will be told by the end.
    fn send_at_once(&self, bytes: &'static [u8]) {
        if !bytes.is_empty() {
            let _ = self.sender.try_send(Ok(Bytes::from_static(bytes)));
        }
    }
}

/// Returns the memory of the profile to the system.
fn release_memory() {
    #[cfg(target_os = "linux")]
    crate::heap::trim();
}
