//! Limits of streams.

use std::time::Duration;

/// Streams of this process at the same time.
pub(super) const MAX_CLIENTS: usize = 4;

/// How long a stream is silent before an empty line shows whether its client is still there.
pub(super) const FILLER_INTERVAL: Duration = Duration::from_secs(15);

/// How long records are collected before the next ones are written, so that a thread that logs
/// rarely has to wake the thread that writes.
pub(super) const COLLECTION_TIME: Duration = Duration::from_millis(2);

/// Bytes of records that are taken from a buffer at once.
pub(super) const MAX_BATCH_BYTES: usize = 128 * 1024;

/// Bytes of a chunk of the reply, about.
pub(super) const CHUNK_BYTES: usize = 32 * 1024;

/// Chunks that a client has not read yet.
pub(super) const MAX_CHUNKS: usize = 4;

/// How long a browser waits before it connects again, in milliseconds.
pub(super) const RECONNECTION_MILLIS: u32 = 2000;
