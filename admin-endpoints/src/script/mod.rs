//! `POST /run_script`: Python against the live process, in a sandbox.

mod engine;
mod frame;
mod limits;
mod wire;

pub use self::limits::ScriptLimits;
