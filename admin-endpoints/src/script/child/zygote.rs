//! The process that children are forked from, with the interpreter warm and no script ever in it.
//!
//! Starting an executable costs more than most scripts: the loader alone asks the processor what
//! it can do some fifty times, and under a hypervisor each answer takes microseconds.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{io::Errno, process::Pid};

use super::{
    control,
    isolation::{self, SandboxBase},
    worker,
};

/// Forks a child for each order of the server, until the server has gone.
pub(super) fn serve(server: u64) -> ! {
    let Ok((orders, base)) = prepare(server) else {
        worker::leave(3)
    };
    loop {
        let Ok(Some((bounds, stream))) = control::recv_request(orders.as_fd()) else {
            worker::leave(0)
        };
        let forked = match fork() {
            Ok(None) => {
                drop(orders);
                worker::run(&base, bounds, stream)
            }
            Ok(Some(child)) => Ok(child),
            Err(error) => Err(error),
        };
        if control::send_reply(orders.as_fd(), forked).is_err() {
            worker::leave(0)
        }
    }
}

/// The socket of the orders, and what all children stand on.
fn prepare(server: u64) -> io::Result<(OwnedFd, SandboxBase)> {
    rustix::thread::set_name(c"script-zygote")?;
    let base = isolation::prepare(server, worker::warm_up)?;
    let orders = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(io::stdout())?; // children have no other way to the socket
    Ok((orders, base))
}

/// A child of the server's, not of the zygote's: the server waits for it and learns how it ended.
/// `None` in the child.
fn fork() -> Result<Option<Pid>, Errno> {
    // SAFETY: without CLONE_VM the child has memory of its own, as after `fork`. The process has
    // one thread, so that no lock is held and nothing is half done in the child.
    let pid = unsafe { libc::syscall(libc::SYS_clone, libc::CLONE_PARENT, 0, 0, 0, 0) };
    match i32::try_from(pid) {
        Ok(0) => Ok(None),
        Ok(pid) if pid > 0 => Ok(Pid::from_raw(pid)),
        _ => Err(io::Error::last_os_error()
            .raw_os_error()
            .map_or(Errno::IO, Errno::from_raw_os_error)),
    }
}
