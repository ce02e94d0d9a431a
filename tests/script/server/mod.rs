//! A server with scripts, the objects that they see, and a client.

pub(crate) mod client;
mod objects;
