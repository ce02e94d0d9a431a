//! `GET /threads`: every thread of the process, what it does and where it is.
//!
//! A blocked thread is read from outside and not disturbed; a running one is asked by a signal to
//! copy its stack, which takes it some tens of microseconds. Nothing is unwound in a signal
//! handler. Linux on x86-64 and aarch64; elsewhere there are names and no stacks.
//!
//! What a dump shows of a function depends on the profile that the program was built with:
//!
//! | profile | shows |
//! |---|---|
//! | `debug = "line-tables-only"` | names, files and lines, inlined functions |
//! | release without more | names |
//! | `strip = "symbols"` | `program+0xoffset` and the build-id, for `addr2line` with a kept copy |
//!
//! Frame pointers are not needed.

// What only the unwinder and the symboliser use is compiled everywhere, so that it stays true.
#![cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    allow(dead_code)
)]

// What a dump is.
mod facts;
mod frame;
mod query;
mod report;

// How it is taken.
mod asking_server;
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "elsewhere.rs"
)]
mod capture;
mod capturer;
mod source_path;

// How it is shown.
mod fold;
mod group;
mod json;
mod text;

mod handler;

pub use capturer::{CaptureError, capture};
pub use facts::{Facts, Periodic, State};
pub use frame::Frame;
pub use query::{MOST_FRAMES, Query};
pub use report::{Cut, Method, NoStack, Report, Stack, ThreadReport};
pub use text::Layout;
