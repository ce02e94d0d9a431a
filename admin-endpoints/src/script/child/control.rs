//! What the server asks of the zygote, and what it hears: one message each, over a socket.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
};

use rustix::{
    cmsg_space,
    io::{Errno, retry_on_intr},
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, send, sendmsg,
        socketpair,
    },
    process::Pid,
};

/// What a child is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::script) struct Bounds {
    /// Memory beyond what the zygote has mapped.
    pub(in crate::script) memory_bytes: u64,
    pub(in crate::script) cpu_seconds: u64,
}

impl Bounds {
    fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.memory_bytes) << 64 | u128::from(self.cpu_seconds)).to_be_bytes()
    }

    fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self {
            memory_bytes: (both >> 64) as u64,
            cpu_seconds: both as u64, // the lower half
        }
    }
}

/// The server's end and the zygote's.
pub(in crate::script) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let each_message_whole = SocketType::SEQPACKET;
    let closed_on_exec = SocketFlags::CLOEXEC;
    Ok(socketpair(
        AddressFamily::UNIX,
        each_message_whole,
        closed_on_exec,
        None,
    )?)
}

/// Asks for a child that talks through `stream`.
pub(in crate::script) fn send_request(
    zygote: BorrowedFd<'_>,
    bounds: Bounds,
    stream: &UnixStream,
) -> io::Result<()> {
    let files = [stream.as_fd()];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&files));
    let text = bounds.to_bytes();
    let message = [IoSlice::new(&text)];
    retry_on_intr(|| sendmsg(zygote, &message, &mut control, SendFlags::NOSIGNAL))?;
    Ok(())
}

/// The next order; `None` when the server has gone.
pub(super) fn recv_request(server: BorrowedFd<'_>) -> io::Result<Option<(Bounds, UnixStream)>> {
    let mut bytes = [0; 16];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut message = [IoSliceMut::new(&mut bytes)];
    let received =
        retry_on_intr(|| recvmsg(server, &mut message, &mut control, RecvFlags::CMSG_CLOEXEC))?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let file = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let file = file.ok_or_else(|| io::Error::other("an order without a stream"))?;
    Ok(Some((Bounds::from_bytes(bytes), UnixStream::from(file))))
}

/// Says which child was forked, or why none was.
pub(super) fn send_reply(server: BorrowedFd<'_>, forked: Result<Pid, Errno>) -> io::Result<()> {
    let number = match forked {
        Ok(pid) => pid.as_raw_nonzero().get(),
        Err(error) => -error.raw_os_error(),
    };
    retry_on_intr(|| send(server, &number.to_be_bytes(), SendFlags::NOSIGNAL))?;
    Ok(())
}

/// Hears which child was forked, or why none was; fails where nobody says anything.
pub(in crate::script) fn recv_reply(zygote: BorrowedFd<'_>) -> io::Result<io::Result<Pid>> {
    let mut bytes = [0; 4];
    let (_, length) = retry_on_intr(|| recv(zygote, &mut bytes[..], RecvFlags::empty()))?;
    if length != bytes.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let number = i32::from_be_bytes(bytes);
    let child = (number > 0).then(|| Pid::from_raw(number)).flatten();
    Ok(child.ok_or_else(|| io::Error::from_raw_os_error(number.wrapping_neg())))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn an_order_arrives_with_its_stream_and_is_answered() {
        let (server, zygote) = pair().unwrap();
        let bounds = Bounds {
            memory_bytes: u64::MAX - 1,
            cpu_seconds: 3,
        };
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        send_request(server.as_fd(), bounds, &theirs).unwrap();
        let (received, mut stream) = recv_request(zygote.as_fd()).unwrap().unwrap();
        assert_eq!(received, bounds);
        stream.write_all(b"x").unwrap();
        let mut byte = [0];
        ours.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"x");

        send_reply(zygote.as_fd(), Ok(Pid::INIT)).unwrap();
        assert_eq!(recv_reply(server.as_fd()).unwrap().unwrap(), Pid::INIT);
        send_reply(zygote.as_fd(), Err(Errno::AGAIN)).unwrap();
        let refused = recv_reply(server.as_fd()).unwrap().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);

        drop(server);
        assert!(recv_request(zygote.as_fd()).unwrap().is_none());
    }
}
