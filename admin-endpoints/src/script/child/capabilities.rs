//! No capability, also none inside the worker's own user namespace.

use rustix::io::Errno;
use rustix::thread::{
    CapabilitySet, CapabilitySets, configure_capability_in_ambient_set, set_capabilities,
};

/// What the zygote needs inside its user namespace: PID namespaces, and an empty root.
const ZYGOTE_CAPABILITIES: [CapabilitySet; 2] =
    [CapabilitySet::SYS_ADMIN, CapabilitySet::SYS_CHROOT];

/// Drops all capabilities. `no_new_privs` is set, so none can be gained again.
///
/// # Errors
///
/// Returns the error of capset(2).
pub(super) fn drop_all() -> Result<(), Errno> {
    let none = CapabilitySet::empty();
    let sets = CapabilitySets {
        effective: none,
        permitted: none,
        inheritable: none,
    };
    set_capabilities(None, sets)
}

/// Keeps the capabilities of a zygote, and no other, when this process executes an interpreter.
///
/// # Errors
///
/// Returns the error of capset(2) or prctl(2); even where the process has no user namespace.
pub(super) fn keep_for_zygote() -> Result<(), Errno> {
    let kept = ZYGOTE_CAPABILITIES
        .into_iter()
        .fold(CapabilitySet::empty(), CapabilitySet::union);
    let sets = CapabilitySets {
        effective: kept,
        permitted: kept,
        inheritable: kept,
    };
    set_capabilities(None, sets)?;
    ZYGOTE_CAPABILITIES
        .into_iter()
        .try_for_each(|capability| configure_capability_in_ambient_set(capability, true))
}
