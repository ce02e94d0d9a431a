//! Namespaces of the zygote's own: no network but an empty one, no IPC, and, because its user
//! namespace is new as well, no privilege outside it even where the program runs as root.

use rustix::thread::{UnshareFlags, unshare_unsafe};

/// What an unprivileged process can have if it can have a user namespace.
const USER_NETWORK_IPC_UTS: UnshareFlags = UnshareFlags::NEWUSER
    .union(UnshareFlags::NEWNET)
    .union(UnshareFlags::NEWIPC)
    .union(UnshareFlags::NEWUTS);

/// The namespaces that this process entered.
#[derive(Clone, Copy, Debug)]
pub(super) struct EnteredNamespaces {
    /// User, network, IPC and UTS.
    pub(super) user: bool,
    pub(super) mount: bool,
}

/// Enters namespaces of its own, as far as the kernel permits. Only a process with one thread can.
pub(super) fn enter() -> EnteredNamespaces {
    if unshare(USER_NETWORK_IPC_UTS | UnshareFlags::NEWNS) {
        return EnteredNamespaces {
            user: true,
            mount: true,
        };
    }
    EnteredNamespaces {
        user: unshare(USER_NETWORK_IPC_UTS),
        mount: false,
    }
}

fn unshare(flags: UnshareFlags) -> bool {
    // SAFETY: `FILES` is not among the flags, so the table of descriptors stays the same.
    unsafe { unshare_unsafe(flags) }.is_ok()
}
