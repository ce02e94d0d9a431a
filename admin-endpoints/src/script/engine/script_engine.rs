//! What a Python engine is to the worker that runs it.

use std::io;

use crate::script::wire::{LookupReply, ScriptReport, StartMessage, WorkerMessage};

/// Runs scripts.
pub(crate) trait ScriptEngine {
    /// Runs a script; `host` answers every lookup on a live object.
    ///
    /// # Errors
    ///
    /// Only when the host can no longer be reached.
    fn run(&self, start: &StartMessage, host: &mut dyn LookupHost) -> io::Result<ScriptReport>;
}

/// Answers lookups on live objects.
pub(crate) trait LookupHost {
    /// Sends a lookup and waits for the answer.
    fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply>;
}

/// A host without live objects.
pub(crate) struct NoObjects;

impl LookupHost for NoObjects {
    fn ask(&mut self, _: &WorkerMessage) -> io::Result<LookupReply> {
        Ok(LookupReply::Undefined)
    }
}
