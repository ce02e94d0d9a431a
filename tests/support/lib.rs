//! The clients that end-to-end tests share: raw HTTP over a socket, and curl.

mod curl;
mod environment;
mod http;
mod pipe;
mod poll;
mod reply;
mod tls;

pub use self::curl::curl;
pub use self::environment::change_environment;
pub use self::http::{ask, ask_unix, connect, raw, read_to_end, send};
pub use self::pipe::full_pipe;
pub use self::poll::poll_until;
pub use self::reply::Reply;
pub use self::tls::{TlsClient, TlsStream};

/// The Rust of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
