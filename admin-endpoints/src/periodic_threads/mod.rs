//! The periodic threads of the server: a list, one of them, their health, and commands.
//!
//! | route | result |
//! |---|---|
//! | `GET /periodic-threads` | lists them, with a summary of all |
//! | `GET /periodic-threads/{thread_name}` | shows one |
//! | `GET /periodic-threads-health` | says whether every critical and high one is active |
//! | `POST /periodic-threads/{thread_name}/run` | runs it now |
//! | `POST /periodic-threads/{thread_name}/pause` | starts no further run |
//! | `POST /periodic-threads/{thread_name}/resume` | ends the pause |
//!
//! The name of a thread is one segment of the path, percent-encoded where necessary.

mod control;
mod health;
mod list;
mod lookup;
mod one;

pub use self::one::ThreadDetail;
