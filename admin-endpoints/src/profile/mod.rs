//! Profiles of CPU time and of wall-clock time, for `go tool pprof` and as flame graphs.
//!
#![doc = include_str!("../../docs/profiles.md")]
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
#[cfg(all(
    feature = "heap-profile",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod heap_dump;
mod heap_routes;
mod index_page;
mod route;
