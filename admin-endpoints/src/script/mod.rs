//! `POST /run_script`: Python against the live process, in a sandbox.

mod app;
mod child;
mod engine;
mod frame;
mod limits;
mod outcome;
mod run;
mod session;
mod wire;

pub use self::{child::worker, limits::ScriptLimits};
