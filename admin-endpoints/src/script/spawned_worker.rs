//! A worker from its fork until it gets its script.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use super::child::WorkerLimits;

/// A worker that waits for its script.
#[derive(Debug)]
pub(super) struct SpawnedWorker {
    /// The process, which is signalled through this descriptor and never through its number.
    pub(super) process: OwnedFd,
    pub(super) stream: UnixStream,
    /// Where the zygote writes how the worker ended.
    pub(super) exit_status: UnixStream,
}

/// One end of both streams of a worker.
#[derive(Debug)]
pub(super) struct WorkerStreams {
    pub(super) stream: UnixStream,
    pub(super) exit_status: UnixStream,
}

impl WorkerStreams {
    /// The server's ends, and those for the zygote.
    pub(super) fn pair() -> io::Result<(Self, Self)> {
        let (stream, other_stream) = UnixStream::pair()?;
        let (exit_status, other_exit_status) = UnixStream::pair()?;
        let server = Self {
            stream,
            exit_status,
        };
        let zygote = Self {
            stream: other_stream,
            exit_status: other_exit_status,
        };
        Ok((server, zygote))
    }

    pub(super) fn into_worker(self, process: OwnedFd) -> SpawnedWorker {
        let Self {
            stream,
            exit_status,
        } = self;
        SpawnedWorker {
            process,
            stream,
            exit_status,
        }
    }
}

/// A worker that was asked for before its script arrived; the reply is still to be received.
/// Dropping it ends the worker.
#[derive(Debug)]
pub(super) struct RequestedWorker {
    pub(super) limits: WorkerLimits,
    pub(super) streams: WorkerStreams,
}
