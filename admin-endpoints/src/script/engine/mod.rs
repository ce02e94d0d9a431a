//! The Python engine, which runs inside the worker.

mod clock;
mod edits;
mod float_texts;
mod monty;
mod polyfills;
mod print_buffer;
mod raise;
mod rewrite;
mod syntax;
mod unsupported;
mod values;
mod wording;

use std::io;

pub(super) use self::monty::{MODULES, Monty};
#[cfg(fuzzing)]
pub(super) use self::rewrite::{Operands, rewrite};
pub(super) use self::unsupported::refused;
use super::wire::{LookupReply, ScriptReport, StartMessage, WorkerMessage};

/// Runs scripts.
pub(super) trait ScriptEngine {
    /// Runs a script; `host` answers every lookup on a live object.
    ///
    /// # Errors
    ///
    /// Only when the host can no longer be reached.
    fn run(&self, start: &StartMessage, host: &mut dyn LookupHost) -> io::Result<ScriptReport>;
}

/// Answers lookups on live objects.
pub(super) trait LookupHost {
    /// Sends a lookup and waits for the answer.
    fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply>;
}

/// A host without live objects.
pub(super) struct NoObjects;

impl LookupHost for NoObjects {
    fn ask(&mut self, _: &WorkerMessage) -> io::Result<LookupReply> {
        Ok(LookupReply::Undefined)
    }
}
