//! The process that runs one script: the same executable, started again.

mod landlock;
mod seccomp;
mod walls;
mod worker;

pub use self::worker::worker;
pub(super) use self::{
    walls::Walls,
    worker::{handed_over, spawn},
};
