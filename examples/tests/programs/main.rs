//! The three binaries as their users meet them: options, sockets, signals, exit status.

#![allow(clippy::disallowed_methods)] // A test may read the clock and start a thread.

mod blocked_log;
mod clients;
mod deploy;
mod ends;
mod fleet;
mod folder;
mod health;
mod identity;
mod listeners;
mod page;
mod probes;
mod process;
mod serves;
mod systemd;
mod threads;
