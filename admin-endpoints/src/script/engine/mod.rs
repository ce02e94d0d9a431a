//! Running Python, inside the sandbox.

mod clock;
mod edits;
mod monty;
mod printed;
mod raise;
mod rewrite;
mod syntax;
mod values;
mod wording;

use std::io;

pub(super) use self::monty::{MODULES, Monty};
#[cfg(fuzzing)]
pub(super) use self::rewrite::rewrite;
use super::wire::{FromSandbox, Reply, Report, Start};

/// Something that runs one script to its end.
pub(super) trait ScriptEngine {
    /// Runs it; `host` answers every look-up on a live object.
    ///
    /// # Errors
    /// Only when the host can no longer be reached.
    fn run(&self, start: &Start, host: &mut dyn Host) -> io::Result<Report>;
}

/// Who answers look-ups.
pub(super) trait Host {
    /// Asks and waits for the answer.
    fn ask(&mut self, question: &FromSandbox) -> io::Result<Reply>;
}

/// No live objects, for scripts that are about the language.
pub(super) struct Nobody;

impl Host for Nobody {
    fn ask(&mut self, _: &FromSandbox) -> io::Result<Reply> {
        Ok(Reply::Undefined)
    }
}
