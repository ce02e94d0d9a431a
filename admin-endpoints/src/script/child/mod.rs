//! The processes behind the route, all of them the same executable, started again.
//!
//! The zygote is started with the first script: it warms the interpreter up, never sees a script,
//! and forks a child for each. A child is the server's own: the server waits for it and kills it.

mod landlock;
mod namespaces;
mod order;
mod sandbox;
mod seccomp;
mod walls;
mod worker;
mod zygote;

pub use self::worker::worker;
pub(super) use self::{
    order::{Bounds, ask, hear, pair},
    walls::Walls,
    worker::{handed_over, start_zygote},
};
