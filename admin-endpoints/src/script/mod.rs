//! `POST /run_script`: Python against the live process, in a sandbox.

// The route.
mod config;
mod environ;
mod handler;
mod limits;
mod outcome;
mod record;
mod source;

// The server's side of one script.
mod app;
mod run;
mod session;

// Between the two processes.
mod frame;
mod wire;

// The child's side.
mod child;
mod engine;

pub use self::{child::worker, config::ScriptConfig, limits::ScriptLimits};
