//! `GET /debug/pprof/profile` and `GET /debug/fgprof`: which functions use the CPU, and where threads
//! spend time.
//!
//! The paths, the parameters `seconds` and `frequency`, and the default format are those of Go's
//! `net/http/pprof`, so that its tools work without settings:
//!
//! ```text
//! go tool pprof -http=: http://127.0.0.1:7000/debug/pprof/profile?seconds=10
//! curl "http://127.0.0.1:7000/debug/pprof/profile?seconds=10&format=svg" > flame.svg
//! ```
//!
//! Each thread has a timer on its CPU time, whose signal it receives. The handler copies registers
//! and stack; another thread unwinds the copies and names the functions at the end. A wall-clock
//! profile looks at threads that wait from outside, and wakes none. Profiles are available on Linux on
//! x86-64 and aarch64; elsewhere the routes answer 501. As for `/threads`, frame pointers are not
//! needed, and `debug = "line-tables-only"` in the profile of the build adds lines and inlined
//! functions.
//!
//! What a profile lacks is in its comments: samples that were lost, threads without a timer, stacks
//! that were cut. `go tool pprof -comments` shows them.

// Compiled everywhere, but used on supported systems only.
#![cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    allow(dead_code)
)]

// Data of a profile, and its formats.
mod call_tree;
mod protobuf;

mod data;

mod collapsed;
mod flame_graph;
mod gzip;
mod pprof;

mod format;

// Making a profile.
mod error;
mod permits;
mod settings;

#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "unsupported.rs"
)]
mod sampling;

mod worker;

mod context;

mod command_line;
mod current_stacks;

mod go_routes;
mod heap_routes;
mod route;
