//! A server with scripts, the objects that they see, and a client.

#![allow(
    clippy::disallowed_methods,
    dead_code,
    reason = "the client measures, and each test binary uses a part of it"
)]

pub(crate) mod client;
pub(crate) mod constructor;
mod objects;
