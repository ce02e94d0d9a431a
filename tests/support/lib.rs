//! What end-to-end tests share: clients, a log in memory, and cases with a process of their own.

mod browser;
mod captured_log;
mod case;
pub mod churn;
mod curl;
mod environment;
mod http;
mod median;
mod pipe;
mod poll;
mod reply;
mod tls;

pub use self::browser::Browser;
pub use self::captured_log::CapturedLog;
pub use self::case::{Case, CaseResult, Program, run_cases, wait_for_input};
pub use self::curl::curl;
pub use self::environment::change_environment;
pub use self::http::{ask, ask_unix, connect, raw, read_to_end, send};
pub use self::median::median;
pub use self::pipe::full_pipe;
pub use self::poll::poll_until;
pub use self::reply::Reply;
pub use self::tls::{TlsClient, TlsStream};

/// The Rust of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
