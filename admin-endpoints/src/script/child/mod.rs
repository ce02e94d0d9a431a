//! The processes behind the route, all of them the same executable, started again.
//!
//! The zygote is started with the first script: it warms the interpreter up, never sees a script,
//! and forks a child for each. A child is the server's own: the server waits for it and kills it.

mod control;
mod init;
mod isolation;
mod landlock;
mod namespaces;
mod seccomp;
mod worker;
mod zygote;

pub use self::init::init;
pub(super) use self::{
    control::{Bounds, pair, recv_reply, send_request},
    init::{is_initialised, start_zygote},
    isolation::Isolation,
};
