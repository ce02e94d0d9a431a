//! Reads stacks of threads of this process and turns them into frames: what `/threads` and the
//! profiles have in common.
//!
//! `task_files` lists the threads; `maps`, `elf`, `unwind_tables` and `modules` find the code;
//! `passive` reads the stacks of blocked threads; `unwind`, with `registers` and `prologue`, turns
//! stacks into addresses; `dwarf`, `symbol_file` and `symbolise` turn addresses into frames.

// What the others read through and into.
pub(crate) mod arena;
pub(crate) mod clock;
pub(crate) mod futex;
pub(crate) mod signal_mask;
pub(crate) mod task_records;

pub(crate) mod task_files;

// The code in memory.
mod elf;
mod maps;
mod unwind_tables;

pub(crate) mod modules;

// Unwinding.
mod prologue;
pub(crate) mod registers;

pub(crate) mod unwind;

pub(crate) mod passive;

// Names.
mod dwarf;
mod symbol_file;

pub(crate) mod symbolise;

pub(crate) use self::dwarf::IncompleteLookup;
