//! Takes the stacks. All `unsafe` code of this route is here and in `stacks`.
//!
//! `sampler` reads the stacks of blocked threads; `signal`, `slots` and `interrupt` make running
//! threads copy theirs; `symbols` keeps the frames of addresses. `collector` calls them in turn.

mod syscall_names;

// Reading stacks.
mod slots;

mod signal;
mod thread_capture;

mod sampler;

mod interrupt;

// Names.
mod symbols;

mod collector;

pub(super) use collector::Collector;
