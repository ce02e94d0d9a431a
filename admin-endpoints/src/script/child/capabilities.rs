//! No capability, also none inside the worker's own user namespace.

use rustix::io::Errno;
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

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
