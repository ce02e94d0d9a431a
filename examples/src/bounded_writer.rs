//! A writer that never blocks: lines go to stderr on a thread of their own.

use std::io::{self, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use admin_endpoints::metrics::Source;

/// Lines that wait while stderr is blocked; more are dropped.
const MAX_QUEUED_LINES: usize = 1024;

/// How long the end of the program waits for stderr.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Queues each line; drops it if the queue is full.
#[derive(Clone)]
pub(crate) struct BoundedWriter {
    messages: SyncSender<Message>,
    dropped: DroppedLines,
}

/// How many lines were dropped, in all and since the last one that was written.
///
/// `/metrics` reads it. The writer records no metric: a recorder may log while it holds its locks.
#[derive(Clone, Debug, Default)]
pub(crate) struct DroppedLines {
    all: Arc<AtomicU64>,
    unreported: Arc<AtomicU64>,
}

impl DroppedLines {
    fn add(&self) {
        self.all.fetch_add(1, Ordering::Relaxed);
        self.unreported.fetch_add(1, Ordering::Relaxed);
    }
}

impl Source for DroppedLines {
    fn name(&self) -> &str {
        "log"
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "# HELP log_lines_dropped_total Lines of the log that were dropped because stderr was \
             blocked\n\
             # TYPE log_lines_dropped_total counter\n\
             log_lines_dropped_total {}",
            self.all.load(Ordering::Relaxed)
        )
    }

    fn can_reset(&self) -> bool {
        true
    }

    fn reset(&self) {
        self.all.store(0, Ordering::Relaxed);
    }
}

enum Message {
    Line(Vec<u8>),
    Flush(Sender<()>),
}

/// Waits when dropped until the queued lines are written, for at most a second.
#[derive(Debug)]
#[must_use = "dropping it at once may lose the last lines"]
pub struct FlushOnDrop(SyncSender<Message>);

impl BoundedWriter {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<(Self, FlushOnDrop)> {
        let (messages, received) = sync_channel(MAX_QUEUED_LINES);
        let dropped = DroppedLines::default();
        let writer = Self {
            messages: messages.clone(),
            dropped: dropped.clone(),
        };
        Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || write_lines(&received, &dropped))?;
        Ok((writer, FlushOnDrop(messages)))
    }

    /// The lines that this writer and its clones drop.
    pub(crate) fn dropped(&self) -> DroppedLines {
        self.dropped.clone()
    }
}

impl Write for BoundedWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self
            .messages
            .try_send(Message::Line(line.to_vec()))
            .is_err()
        {
            self.dropped.add();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        let (flushed, wait_until_flushed) = channel();
        // A full queue means that stderr is blocked.
        if self.0.try_send(Message::Flush(flushed)).is_ok() {
            let _ = wait_until_flushed.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// The thread. It is not joined: stderr may be blocked until the process ends.
fn write_lines(messages: &Receiver<Message>, dropped: &DroppedLines) {
    for message in messages {
        // A log that cannot be written has nowhere to report that.
        let _ = match message {
            Message::Line(line) => write_line(&line, dropped.unreported.swap(0, Ordering::Relaxed)),
            Message::Flush(flushed) => flushed.send(()).map_err(io::Error::other),
        };
    }
}

fn write_line(line: &[u8], dropped: u64) -> io::Result<()> {
    let mut stderr = stderr().lock();
    if dropped > 0 {
        writeln!(
            stderr,
            "{dropped} lines of the log were dropped: stderr was blocked"
        )?;
    }
    stderr.write_all(line)
}
