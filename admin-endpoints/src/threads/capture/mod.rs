//! Takes the stacks. All `unsafe` code of this route is here.
//!
//! In the order of a dump: `task_files` lists the threads; `maps`, `elf`, `unwind_tables` and
//! `modules` find the code; `passive` reads the stacks of blocked threads; `signal`, `slots` and
//! `interrupt` make running threads copy theirs; `unwind`, with `registers` and `prologue`, turns
//! stacks into addresses; `dwarf`, `symbol_file` and `symbols` turn addresses into names. `collector`
//! calls them in turn.

// What the others read through and into.
mod arena;
mod clock;
mod descriptor_reserve;
mod syscall_names;
mod task_records;

mod task_files;

// The code in memory.
mod elf;
mod maps;
mod unwind_tables;

mod modules;

// Unwinding.
mod prologue;
mod registers;
mod unwind;

// Reading stacks.
mod passive;
mod slots;

mod signal;
mod thread_capture;

mod sampler;

mod interrupt;

// Names.
mod dwarf;
mod symbol_file;

mod symbols;

mod collector;

pub(super) use collector::Collector;
