//! What the three example binaries share: options, the log, the end, and how they fail.
//!
//! It registers no endpoint: what is in here is in all three of them.
//!
//! | binary | port | is |
//! |---|---|---|
//! | `scheduler` | 6999 | a bounded queue of requests for blocks, and the thread that serves it |
//! | `worker` | 7000 + index | one of the processes that cache blocks |
//! | `controller` | 9000 | who knows all workers and asks them how they are |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod failure;
mod log;
mod options;
mod termination;

pub use failure::Failure;
pub use options::CommonOptions;
pub use termination::Termination;
