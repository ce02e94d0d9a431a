//! What `build()` checks; each check returns all problems it finds.

mod exclusions;
mod links;
mod state;

pub(super) use self::exclusions::exclusions;
pub(super) use self::links::links;
pub(super) use self::state::state;
