//! `GET /threads`: every thread of the process, what it does and where it is.
//!
//! A blocked thread is read from outside and not disturbed; a running one is asked by a signal to
//! copy its stack, which takes it some tens of microseconds. Nothing is unwound in a signal
//! handler. Linux on x86-64 and aarch64; elsewhere there are names and no stacks.

mod capturer;
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    allow(dead_code)
)]
mod facts;
mod fold;
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    allow(dead_code)
)]
mod frame;
mod group;
mod handler;
mod json;
mod query;
mod report;
// What only the symboliser uses is still compiled and tested where there is none.
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    allow(dead_code)
)]
mod source_path;
mod text;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod capture;
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod elsewhere;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
use capture::Collector;
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
use elsewhere::Collector;

pub use capturer::{CaptureError, capture};
pub use facts::{Facts, Periodic, State};
pub use frame::Frame;
pub use query::{MOST_FRAMES, Query};
pub use report::{Cut, Method, NoStack, Report, Stack, ThreadReport};
pub use text::Layout;
