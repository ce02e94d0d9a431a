//! No file and no socket, by the kernel's own access control (Linux 5.13 and later).

use landlock::{
    ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};

/// Whether the running kernel has Landlock and lets a process ask for it.
pub(super) fn is_there() -> bool {
    const VERSION: libc::c_uint = 1; // LANDLOCK_CREATE_RULESET_VERSION
    // SAFETY: with this flag the call takes no attribute and makes no file; it gives a number.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, VERSION) > 0 }
}

/// Denies everything the running kernel knows how to deny; whether any of it is enforced.
pub(super) fn restrict() -> bool {
    deny_all().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

fn deny_all() -> Result<RestrictionStatus, RulesetError> {
    let abi = ABI::V6;
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()
}
