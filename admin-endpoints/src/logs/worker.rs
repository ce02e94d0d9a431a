//! The thread that writes one stream.
//!
//! It masks and writes what the threads that log have put into the buffer of its client, so that
//! neither they nor the threads of the server do.

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use admin_runtime::clock::Clock;
use admin_runtime::thread_names::spawn_named;
use bytes::Bytes;
use tokio::sync::mpsc::Sender;

use super::attachment::{StreamStart, unknown_note};
use super::format::RecordFormat;
use super::limits::{CHUNK_BYTES, COLLECTION_TIME, FILLER_INTERVAL, MAX_BATCH_BYTES};
use super::writer::{RecordWriter, StreamEnd};
use crate::env::EnvConfig;
use crate::log_records::{BufferEntry, RecordReceiver, Taken, exclude_current_thread};
use crate::loglevel::{ClientLevels, LogLevels};

const THREAD_NAME: &str = "admin-logs";

const DROPPED_RECORDS: &str = "admin_log_stream_dropped_total";

/// How a client wants its stream.
#[derive(Debug)]
pub(super) struct StreamSettings {
    pub(super) levels: LogLevels,
    pub(super) format: RecordFormat,
    pub(super) duration: Duration,
    pub(super) limit: Option<u64>,
    pub(super) config: Arc<EnvConfig>,
}

/// The client has gone.
struct Gone;

/// Starts the thread. It waits for the start of the stream, which never comes for `HEAD`.
pub(super) fn spawn(
    settings: StreamSettings,
    chunks: Sender<io::Result<Bytes>>,
) -> io::Result<mpsc::Sender<StreamStart>> {
    let (begin, has_begun) = mpsc::channel();
    let body = move || {
        exclude_current_thread();
        let failed = chunks.clone();
        let run = AssertUnwindSafe(|| {
            if let Ok(start) = has_begun.recv() {
                // Without a client nothing is left to do.
                let _ = StreamWorker::new(settings, &start, chunks).run(&start);
            }
        });
        if catch_unwind(run).is_err() {
            let _ = failed.try_send(Err(io::Error::other("the stream failed")));
        }
    };
    spawn_named(Builder::new(), THREAD_NAME, body)?;
    Ok(begin)
}

struct StreamWorker {
    levels: LogLevels,
    receiver: Arc<RecordReceiver>,
    writer: RecordWriter,
    chunks: Sender<io::Result<Bytes>>,
    clock: Clock,
    ends_at: Instant,
    filler_interval: Duration,
    /// Records that may still be written.
    left: u64,
    /// Whether no record was written, and nothing was said about that.
    is_silent: bool,
    /// Records of the tail, which are skipped when they come again.
    written: HashSet<u64>,
}

impl StreamWorker {
    fn new(
        settings: StreamSettings,
        start: &StreamStart,
        chunks: Sender<io::Result<Bytes>>,
    ) -> Self {
        let clock = Clock::system();
        Self {
            levels: settings.levels,
            receiver: Arc::clone(&start.receiver),
            writer: RecordWriter::new(settings.format, settings.config),
            chunks,
            ends_at: clock.now() + settings.duration,
            clock,
            filler_interval: FILLER_INTERVAL,
            left: settings.limit.unwrap_or(u64::MAX),
            is_silent: true,
            written: start.tail_sequences(),
        }
    }

    fn run(mut self, start: &StreamStart) -> Result<(), Gone> {
        describe_metric();
        self.writer.begin();
        if let Some(note) = &start.note {
            self.writer.note(note);
        }
        for record in &start.tail {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            self.is_silent = false;
            self.writer.record(record);
            self.send_if_full()?;
        }
        self.send()?;
        let end = self.copy_records(&start.client)?;
        self.count_dropped();
        self.explain_silence(&start.client);
        self.writer.end(end);
        self.send()
    }

    fn copy_records(&mut self, client: &ClientLevels) -> Result<StreamEnd, Gone> {
        let mut filler_at = self.clock.now() + self.filler_interval;
        loop {
            if self.left == 0 {
                return Ok(StreamEnd::Limit);
            }
            let now = self.clock.now();
            if now >= self.ends_at {
                self.receiver.buffer.close();
                if let Taken::Closed(entries) = self.receiver.buffer.take(0, Duration::ZERO) {
                    self.write(entries)?;
                }
                return Ok(if self.left == 0 {
                    StreamEnd::Limit
                } else {
                    StreamEnd::Seconds
                });
            }
            let wake_at = filler_at.min(self.ends_at);
            let timeout = wake_at.saturating_duration_since(now);
            match self.receiver.buffer.take(MAX_BATCH_BYTES, timeout) {
                Taken::Entries(entries) => {
                    self.write(entries)?;
                    self.send()?;
                    self.count_dropped();
                    filler_at = self.clock.now() + self.filler_interval;
                    if !self.receiver.buffer.has_entries() {
                        thread::sleep(COLLECTION_TIME);
                    }
                }
                Taken::TimedOut => {
                    if self.clock.now() >= filler_at {
                        self.explain_silence(client);
                        self.writer.filler();
                        self.send()?;
                        filler_at = self.clock.now() + self.filler_interval;
                    }
                }
                Taken::Closed(entries) => {
                    self.write(entries)?;
                    return Ok(if self.left == 0 {
                        StreamEnd::Limit
                    } else {
                        StreamEnd::Shutdown
                    });
                }
            }
        }
    }

    fn write(&mut self, entries: Vec<BufferEntry>) -> Result<(), Gone> {
        for entry in entries {
            match entry {
                _ if self.left == 0 => break,
                BufferEntry::Dropped(count) => self.writer.dropped(count),
                BufferEntry::Record(record) => {
                    if !self.written.is_empty() && self.written.remove(&record.sequence) {
                        continue;
                    }
                    self.left -= 1;
                    self.is_silent = false;
                    self.writer.record(&record);
                }
            }
            self.send_if_full()?;
        }
        Ok(())
    }

    /// Says once which loggers of the filter the program does not have, if no record came.
    fn explain_silence(&mut self, client: &ClientLevels) {
        if !self.is_silent {
            return;
        }
        if let Some(note) = unknown_note(&self.levels.unknown_to_program(client)) {
            self.writer.note(&note);
            self.is_silent = false;
        }
    }

    fn send_if_full(&mut self) -> Result<(), Gone> {
        if self.writer.len() < CHUNK_BYTES {
            return Ok(());
        }
        self.send()
    }

    /// Sends what is written; waits while the client reads too slowly.
    fn send(&mut self) -> Result<(), Gone> {
        if self.writer.len() == 0 {
            return Ok(());
        }
        let chunk = Bytes::from(self.writer.take());
        self.chunks.blocking_send(Ok(chunk)).map_err(|_| Gone)
    }

    fn count_dropped(&self) {
        let dropped = self.levels.hub().take_dropped();
        if dropped > 0 {
            metrics::counter!(DROPPED_RECORDS).increment(dropped);
        }
    }
}

/// Registers the HELP text, and the series with 0, so that a rate includes the first drop.
fn describe_metric() {
    metrics::describe_counter!(
        DROPPED_RECORDS,
        "Log records that were dropped because a client of /logs read too slowly"
    );
    metrics::counter!(DROPPED_RECORDS).increment(0);
}

#[cfg(test)]
mod tests;
