//! What `build()` checks; each check returns all problems it finds.

mod build_info;
mod chosen;
mod exclusions;
mod index_page;
mod links;
mod patterns;
mod settings;
mod state;
mod unused;

pub(super) use self::build_info::build_info_problem;
pub(super) use self::chosen::{chosen, public, public_everything};
pub(super) use self::exclusions::exclusions;
pub(super) use self::index_page::index_page_problem;
pub(super) use self::links::links;
pub(super) use self::settings::{host_problem, limit_problems, mount_prefix_problem};
pub(super) use self::state::state;
pub(super) use self::unused::unused;
