//! `/logs` over real sockets: what clients receive, and that nobody else notices.

#![allow(clippy::unwrap_used, reason = "tests")]

mod bad_input;
mod client;
mod load;
mod process;
mod records;
mod requests;
mod unchanged;

admin_runtime::link!(admin_endpoints);
