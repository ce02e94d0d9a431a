//! What the three example programs share: options, the log, signals and errors at start.
//!
//! It registers no endpoint, which would be in all three of them.
//!
//! | binary | port | description |
//! |---|---|---|
//! | `scheduler` | 6999 | a bounded queue of requests for blocks, and the thread that serves it |
//! | `worker` | 7000 + index | one of the processes that cache blocks |
//! | `controller` | 9000 | the process that queries the health of all workers |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod announce_options;
mod bounded_writer;
mod failure;
mod log;
mod log_option;
mod options;
mod termination;

pub use announce_options::AnnounceOptions;
pub use bounded_writer::FlushOnDrop;
pub use failure::Failure;
pub use log_option::LogOption;
pub use options::CommonOptions;
pub use termination::Termination;
