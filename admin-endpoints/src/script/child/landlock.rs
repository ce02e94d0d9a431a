//! No file and no socket, by the kernel's own access control (Linux 5.13 and later).

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

/// The newest version of the kernel's interface that is used as far as it is there.
const NEWEST_ABI: ABI = ABI::V6;

/// Denies everything that the running kernel can deny; returns whether any of it is enforced.
pub(super) fn restrict() -> bool {
    deny_all().is_ok_and(is_enforced)
}

/// Denies everything but reading and executing these files and folders; returns whether that is
/// enforced.
pub(super) fn restrict_to_reading(paths: &[PathBuf]) -> bool {
    let rules = path_beneath_rules(paths, AccessFs::from_read(NEWEST_ABI));
    let ruleset = deny_all().and_then(|ruleset| ruleset.add_rules(rules));
    ruleset.is_ok_and(is_enforced)
}

/// A ruleset that denies everything, for another program to enforce; `None` where the kernel has
/// no such access control.
pub(super) fn deny_all_ruleset() -> Option<OwnedFd> {
    deny_all().ok()?.into()
}

fn deny_all() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST_ABI))?
        .handle_access(AccessNet::from_all(NEWEST_ABI))?
        .scope(Scope::from_all(NEWEST_ABI))?
        .create()
}

fn is_enforced(ruleset: RulesetCreated) -> bool {
    let status = ruleset.restrict_self();
    status.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}
