//! The periodic threads of the server: a list, one of them, their health, and commands to them.
//!
//! | route | does |
//! |---|---|
//! | `GET /periodic-threads` | lists them, with a summary over all |
//! | `GET /periodic-threads/{thread_name}` | shows one |
//! | `GET /periodic-threads-health` | tells whether every critical and high one is active |
//! | `POST /periodic-threads/{thread_name}/run` | lets it run at once |
//! | `POST /periodic-threads/{thread_name}/pause` | lets no further run begin |
//! | `POST /periodic-threads/{thread_name}/resume` | ends the pause |
//!
//! A thread's name stands in the path as one segment, percent-encoded where it must be.

mod control;
mod health;
mod list;
mod one;

pub use self::one::Detail;

use admin_runtime::periodic::PeriodicThreads;
use admin_runtime::{AdminError, PeriodicThread};

/// The thread of a name, or the answer that there is none.
fn find(threads: &PeriodicThreads, name: &str) -> Result<PeriodicThread, AdminError> {
    let missing = || AdminError::not_found(format!("Thread not found: {}", echo(name)));
    threads.get(name).ok_or_else(missing)
}

/// Longest part of what was sent that an error repeats, in characters.
const SHOWN: usize = 255;

fn echo(sent: &str) -> String {
    let mut shown: String = sent.chars().take(SHOWN).collect();
    if shown.len() < sent.len() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::echo;

    #[test]
    fn an_echo_is_bounded_and_whole_otherwise() {
        assert_eq!(echo("größe"), "größe");
        assert_eq!(echo(&"ä".repeat(300)), format!("{}...", "ä".repeat(255)));
    }
}
