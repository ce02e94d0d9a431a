//! The Python engine, which runs inside the worker.

mod characters;
mod clock;
mod declarations;
mod edits;
mod float_texts;
mod lacks;
mod monty;
mod polyfills;
mod print_buffer;
mod raise;
mod refusal_reasons;
mod rewrite;
mod script_engine;
mod syntax;
mod unsupported;
mod values;
mod wording;

pub(super) use self::monty::{MODULES, Monty};
pub(super) use self::refusal_reasons::refused;
#[cfg(fuzzing)]
pub(super) use self::rewrite::{Operands, rewrite};
pub(super) use self::script_engine::{LookupHost, NoObjects, ScriptEngine};
