//! Takes the stacks. Every `unsafe` block of this route is in here.
//!
//! In the order of a dump: `procfs` lists the tasks, `maps`, `elf` and `modules` find the code,
//! `quiet` reads the stacks of blocked threads from outside, `signal` and `slots` ask running ones
//! for a copy of theirs, led by `interrupt`, `unwind` with `registers` and `prologue` turns stacks into addresses and
//! `symbolise` those into names; `collector` leads them through it. `memory` and `arena` are what
//! they read through and into.

mod arena;
mod clock;
mod collector;
mod elf;
mod interrupt;
mod maps;
mod memory;
mod modules;
mod procfs;
mod prologue;
mod quiet;
mod registers;
mod signal;
mod slots;
mod symbolise;
mod syscall_names;
mod unwind;

pub(super) use collector::Collector;
