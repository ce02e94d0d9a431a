//! No file and no socket, by the kernel's own access control (Linux 5.13 and later).

use landlock::{
    ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};

/// Denies everything that the running kernel can deny; returns whether any of it is enforced.
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
