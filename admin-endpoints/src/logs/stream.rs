//! A stream as the body of a reply.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc::{Receiver, channel};

use super::attachment::{Attachment, StreamStart};
use super::limits::MAX_CHUNKS;
use super::permit::ClientPermit;
use super::worker::{self, StreamSettings};
use crate::log_records::exclude_current_thread;
use crate::loglevel::{ClientLevels, LogLevels};

/// The names of the server's own threads begin with this.
const SERVER_THREAD_PREFIX: &str = "admin-";

/// The body. The client is attached when it is read first: the reply to `HEAD` has no body.
pub(super) struct LogStream {
    start: Option<PreparedStart>,
    chunks: Receiver<io::Result<Bytes>>,
    attachment: Option<Attachment>,
    server_stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    _permit: ClientPermit,
}

/// What is needed to attach the client.
struct PreparedStart {
    levels: LogLevels,
    client: ClientLevels,
    tail: usize,
    begin: mpsc::Sender<StreamStart>,
}

impl LogStream {
    /// # Errors
    ///
    /// If the system has no thread.
    pub(super) fn prepare(
        settings: StreamSettings,
        client: ClientLevels,
        tail: usize,
        server_stop: impl Future<Output = ()> + Send + 'static,
        permit: ClientPermit,
    ) -> io::Result<Self> {
        let (sender, chunks) = channel(MAX_CHUNKS);
        let levels = settings.levels.clone();
        let begin = worker::spawn(settings, sender)?;
        Ok(Self {
            start: Some(PreparedStart {
                levels,
                client,
                tail,
                begin,
            }),
            chunks,
            attachment: None,
            server_stop: Some(Box::pin(server_stop)),
            _permit: permit,
        })
    }
}

impl Stream for LogStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(start) = self.start.take() {
            exclude_server_thread();
            let PreparedStart {
                levels,
                client,
                tail,
                begin,
            } = start;
            let (attachment, start) = Attachment::start(&levels, client, tail);
            self.attachment = Some(attachment);
            // The thread has ended if it panicked.
            let _ = begin.send(start);
        }
        if let Some(stop) = &mut self.server_stop
            && stop.as_mut().poll(context).is_ready()
        {
            self.server_stop = None;
            if let Some(attachment) = &self.attachment {
                attachment.close();
            }
        }
        self.chunks.poll_recv(context)
    }
}

impl fmt::Debug for LogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogStream").finish_non_exhaustive()
    }
}

/// Leaves out what libraries log while they write the stream, if this is a thread of the server: it
/// serves nothing but requests, and their own events are logged by another thread.
fn exclude_server_thread() {
    let current = thread::current();
    if current
        .name()
        .is_some_and(|name| name.starts_with(SERVER_THREAD_PREFIX))
    {
        exclude_current_thread();
    }
}
