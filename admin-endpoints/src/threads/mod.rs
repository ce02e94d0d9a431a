//! `GET /threads`: a stack trace of every thread of the process.
//!
//! A blocked thread is read from outside and is not disturbed. A running thread is interrupted by
//! a signal and copies its own stack, which takes some tens of microseconds. Nothing is unwound
//! in a signal handler. Stacks are available on Linux on x86-64 and aarch64; elsewhere only names.
//!
//! What a dump shows of a function depends on the profile that the program was built with:
//!
//! | profile | shows |
//! |---|---|
//! | `debug = "line-tables-only"` | names, files and lines, inlined functions |
//! | release without more | names |
//! | `strip = "symbols"` | `program+0xoffset` and the build ID, for `addr2line` with a kept copy |
//!
//! Frame pointers are not needed.
//!
//! The kernel keeps 15 bytes of a thread's name. A thread that registered its name with
//! [`admin_runtime::thread_names`] is shown with its full name, and `name=` searches that.

// The unwinder and the symbol reader are compiled everywhere, but used on supported systems only.
#![cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    allow(dead_code)
)]

// Data of a dump.
mod info;
mod query;
mod report;

mod config;
mod error;

// Taking a dump.
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "unsupported.rs"
)]
mod capture;

mod dump_context;
mod worker;

// Showing a dump.
mod render;

mod route;

pub use crate::frames::{Frame, Truncation};
pub use config::ThreadsConfig;
pub use error::CaptureError;
pub use info::{PeriodicInfo, TaskState, ThreadInfo};
pub use query::{MAX_FRAMES, Query};
pub use render::Layout;
pub use report::{CaptureMethod, NoStack, Report, Stack, ThreadReport};
pub use worker::capture;

#[cfg(feature = "profile")]
pub(crate) use dump_context::DumpContext;
#[cfg(feature = "profile")]
pub(crate) use worker::submit;
