//! The messages between the server and the zygote: one packet each, over a socket.
//!
//! The zygote sends a [start report](send_start_report). Then the server sends requests, and the
//! zygote replies to each with a descriptor of the worker's process.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::cmsg_space;
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
    sendmsg, socketpair,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::script::start_report::StartReport;

/// The longest packet, in bytes.
const MAX_PACKET_BYTES: usize = 256;

/// The most descriptors that a packet carries.
const MAX_DESCRIPTORS: usize = 2;

/// What a worker may use.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct WorkerLimits {
    /// Memory beyond what the zygote has mapped.
    pub(crate) memory_bytes: u64,
    pub(crate) cpu: Duration,
}

/// What a request says of its worker.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct WorkerSettings {
    pub(crate) limits: WorkerLimits,
    /// Whether the script comes later, so that the worker has time to warm up.
    pub(crate) in_advance: bool,
}

/// An order to fork a worker.
#[derive(Debug)]
pub(super) struct WorkerRequest {
    pub(super) settings: WorkerSettings,
    /// Carries the script and its lookups.
    pub(super) stream: UnixStream,
    /// Receives the exit status of the worker.
    pub(super) exit_status: UnixStream,
}

/// The server's end and the zygote's.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (family, packets) = (AddressFamily::UNIX, SocketType::SEQPACKET);
    Ok(socketpair(family, packets, SocketFlags::CLOEXEC, None)?)
}

/// Tells the server that the zygote is ready, or why it never will be.
pub(super) fn send_start_report(server: BorrowedFd<'_>, report: &StartReport) -> io::Result<()> {
    send(server, report, &[])
}

/// Receives the zygote's first message.
pub(crate) fn recv_start_report(zygote: BorrowedFd<'_>) -> io::Result<StartReport> {
    let (report, _) = recv(zygote)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(report)
}

/// Asks for a worker.
pub(crate) fn send_request(
    zygote: BorrowedFd<'_>,
    settings: WorkerSettings,
    stream: &UnixStream,
    exit_status: &UnixStream,
) -> io::Result<()> {
    send(zygote, &settings, &[stream.as_fd(), exit_status.as_fd()])
}

/// Receives the next request; `None` when the server wants no further worker or has ended.
pub(super) fn recv_request(server: BorrowedFd<'_>) -> io::Result<Option<WorkerRequest>> {
    let Some((settings, descriptors)) = recv(server)? else {
        return Ok(None);
    };
    let [stream, exit_status] = <[OwnedFd; 2]>::try_from(descriptors)
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Some(WorkerRequest {
        settings,
        stream: stream.into(),
        exit_status: exit_status.into(),
    }))
}

/// Sends a descriptor of the worker's process, or why there is no worker.
pub(super) fn send_reply(
    server: BorrowedFd<'_>,
    worker: Result<BorrowedFd<'_>, Errno>,
) -> io::Result<()> {
    match worker {
        Ok(process) => send(server, &Ok::<(), i32>(()), &[process]),
        Err(errno) => send(server, &Err::<(), i32>(errno.raw_os_error()), &[]),
    }
}

/// Receives the reply to a request. The outer error is a zygote that has ended or does not
/// respond, the inner one a system that has no process to give.
pub(crate) fn recv_reply(zygote: BorrowedFd<'_>) -> io::Result<io::Result<OwnedFd>> {
    let received: Option<(Result<(), i32>, _)> = recv(zygote)?;
    let (reply, mut descriptors) = received.ok_or(io::ErrorKind::UnexpectedEof)?;
    match reply {
        Ok(()) => Ok(Ok(descriptors.pop().ok_or(io::ErrorKind::InvalidData)?)),
        Err(errno) => Ok(Err(io::Error::from_raw_os_error(errno))),
    }
}

fn send(
    socket: BorrowedFd<'_>,
    message: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let packet = serde_json::to_vec(message)?;
    let packet = [IoSlice::new(&packet)];
    retry_on_intr(|| sendmsg(socket, &packet, &mut control, SendFlags::NOSIGNAL))?;
    Ok(())
}

/// The next message and its descriptors; `None` at the end of the stream.
fn recv<T: DeserializeOwned>(socket: BorrowedFd<'_>) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut packet = [0; MAX_PACKET_BYTES];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut packet)];
    let received =
        retry_on_intr(|| recvmsg(socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC))?;
    if received.bytes == 0 {
        return Ok(None);
    }
    // The kernel drops descriptors for which this process has no number.
    if received.flags.contains(ReturnFlags::CTRUNC) {
        return Err(Errno::MFILE.into());
    }
    let rights = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptors = rights.flatten().collect();
    let message = packet.get(..received.bytes).unwrap_or_default();
    Ok(Some((serde_json::from_slice(message)?, descriptors)))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::script::setup_failure::{SetupFailure, SetupStep};

    const SETTINGS: WorkerSettings = WorkerSettings {
        limits: WorkerLimits {
            memory_bytes: u64::MAX - 1,
            cpu: Duration::from_millis(2500),
        },
        in_advance: true,
    };

    #[test]
    fn request_arrives_with_both_streams() {
        let (server, zygote) = pair().unwrap();
        let (mut stream, theirs) = UnixStream::pair().unwrap();
        let (mut exit_status, status_theirs) = UnixStream::pair().unwrap();
        send_request(server.as_fd(), SETTINGS, &theirs, &status_theirs).unwrap();
        let mut request = recv_request(zygote.as_fd()).unwrap().unwrap();
        assert_eq!(request.settings, SETTINGS);
        for (sender, receiver) in [
            (&mut request.stream, &mut stream),
            (&mut request.exit_status, &mut exit_status),
        ] {
            sender.write_all(b"x").unwrap();
            let mut byte = [0];
            receiver.read_exact(&mut byte).unwrap();
            assert_eq!(&byte, b"x");
        }
        drop(server);
        assert!(recv_request(zygote.as_fd()).unwrap().is_none());
    }

    #[test]
    fn reply_is_a_descriptor_or_an_error() {
        let (server, zygote) = pair().unwrap();
        send_reply(zygote.as_fd(), Ok(zygote.as_fd())).unwrap();
        assert!(recv_reply(server.as_fd()).unwrap().is_ok());
        send_reply(zygote.as_fd(), Err(Errno::AGAIN)).unwrap();
        let refused = recv_reply(server.as_fd()).unwrap().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn start_report_keeps_the_failure() {
        let (server, zygote) = pair().unwrap();
        let failure = SetupFailure {
            step: SetupStep::SingleThread,
            errno: None,
        };
        let report = StartReport::Failed(failure);
        send_start_report(zygote.as_fd(), &report).unwrap();
        assert_eq!(recv_start_report(server.as_fd()).unwrap(), report);
        drop(zygote);
        let ended = recv_start_report(server.as_fd()).unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::UnexpectedEof);
    }
}
