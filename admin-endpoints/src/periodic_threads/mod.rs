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
mod one;

use admin_runtime::periodic::PeriodicThreads;
use admin_runtime::text::excerpt;
use admin_runtime::{AdminError, PeriodicThread};

pub use self::one::ThreadDetail;

/// How much of a name or level an error message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 255;

/// The thread with that name, or 404.
fn find(threads: &PeriodicThreads, name: &str) -> Result<PeriodicThread, AdminError> {
    threads.get(name).ok_or_else(|| {
        let name = excerpt(name, MAX_QUOTED_CHARS);
        AdminError::not_found(format!("Thread not found: {name}"))
    })
}
