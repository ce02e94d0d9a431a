//! A pipe that nobody reads.

use std::io::{ErrorKind, PipeReader, PipeWriter, Write, pipe};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// A pipe that is full: each write to it blocks until the reader reads.
///
/// # Panics
///
/// If the system has no pipe.
#[must_use]
pub fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().expect("a pipe");
    let flags = fcntl_getfl(&writer).expect("flags of a pipe");
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("a pipe can be nonblocking");
    loop {
        match writer.write(b"\n") {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("the pipe cannot be filled: {error}"),
        }
    }
    fcntl_setfl(&writer, flags).expect("a pipe can be blocking");
    (reader, writer)
}
