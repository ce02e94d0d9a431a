//! RunningScript Python, inside the sandbox.

mod clock;
mod edits;
mod monty;
mod print_buffer;
mod raise;
mod rewrite;
mod syntax;
mod values;
mod wording;

use std::io;

pub(super) use self::monty::{MODULES, Monty};
#[cfg(fuzzing)]
pub(super) use self::rewrite::rewrite;
use super::wire::{LookupReply, ScriptReport, StartMessage, WorkerMessage};

/// Something that runs one script to its end.
pub(super) trait ScriptEngine {
    /// Runs it; `host` answers every look-up on a live object.
    ///
    /// # Errors
    /// Only when the host can no longer be reached.
    fn run(&self, start: &StartMessage, host: &mut dyn LookupHost) -> io::Result<ScriptReport>;
}

/// Who answers look-ups.
pub(super) trait LookupHost {
    /// Asks and waits for the answer.
    fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply>;
}

/// No live objects, for scripts that are about the language.
pub(super) struct NoObjects;

impl LookupHost for NoObjects {
    fn ask(&mut self, _: &WorkerMessage) -> io::Result<LookupReply> {
        Ok(LookupReply::Undefined)
    }
}
