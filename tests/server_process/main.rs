//! Servers in processes that are short of descriptors, threads or memory, that fork, that are stopped, whose
//! clock is changed, whose handlers block, or that are under load.
//!
//! Each case changes its process permanently, so that each has its own: this program, started with
//! the name of the case in `SERVER_CASE`. A case that needs a client outside of that process has one
//! in the first process.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod descriptors;
mod forked;
mod handlers;
mod memory_group;
mod program;
mod several_listeners;
#[allow(
    clippy::disallowed_methods,
    reason = "how long the load lasts is its subject"
)]
mod soak;
mod start_failure;
mod stderr_lock;
mod under_stress;

use admin_runtime::admin_endpoint;

use crate::program::Program;

admin_runtime::link!(admin_endpoints);

/// What the program does, and what is asked of it from outside.
type Case = (&'static str, fn(), fn(&mut Program));

const CASES: [Case; 21] = [
    (
        "no_descriptor",
        descriptors::use_up_all,
        descriptors::clients_are_answered,
    ),
    (
        "no_descriptor_and_busy",
        descriptors::use_up_all,
        descriptors::the_loop_does_not_spin,
    ),
    (
        "stderr_is_locked",
        stderr_lock::hold_lock_and_serve,
        stderr_lock::routes_answer_and_it_ends,
    ),
    (
        "no_thread_for_handlers",
        handlers::no_thread_for_handlers,
        nothing,
    ),
    ("no_thread", start_failure::no_thread, nothing),
    (
        "no_thread_inside_a_runtime",
        start_failure::no_thread_inside_a_runtime,
        nothing,
    ),
    ("port_taken", start_failure::port_taken, nothing),
    ("second_periodic_set", start_failure::second_set, nothing),
    (
        "in_24_mib",
        memory_group::serve_in_24_mib,
        memory_group::dumps_have_names,
    ),
    ("dropped_in_child", forked::dropped_in_child, nothing),
    ("port_is_free_after_stop", forked::port_is_free, nothing),
    (
        "user_runtime_is_blocked",
        under_stress::serve_until_released,
        under_stress::blocked_runtime_is_shown,
    ),
    (
        "sync_handler_at_sigterm",
        under_stress::serve_until_sigterm,
        under_stress::sync_handler_answers_after_sigterm,
    ),
    (
        "many_series_and_little_memory",
        under_stress::serve_many_series,
        under_stress::scrapes_are_whole,
    ),
    (
        "no_descriptor_on_several_listeners",
        several_listeners::use_up_all,
        several_listeners::no_loop_spins,
    ),
    (
        "stopped_with_requests",
        several_listeners::serve_with_short_timeouts,
        several_listeners::requests_survive_a_stop,
    ),
    (
        "stopped_while_idle",
        several_listeners::serve_with_short_timeouts,
        several_listeners::idle_connections_survive_a_stop,
    ),
    (
        "clock_steps",
        several_listeners::serve_with_a_clock,
        several_listeners::clock_steps_change_nothing,
    ),
    (
        "no_rights_for_the_socket",
        several_listeners::no_rights_for_the_socket,
        several_listeners::folder_is_empty,
    ),
    (
        "no_thread_for_several_listeners",
        start_failure::no_thread_for_several_listeners,
        nothing,
    ),
    ("soak", soak::serve, soak::nothing_grows),
];

/// The program alone decides.
fn nothing(_: &mut Program) {}

#[admin_endpoint(path = "/name")]
async fn name() -> &'static str {
    "one"
}

/// Answers when the client has gone, or not at all.
#[admin_endpoint(path = "/waiting", timeout = "600s")]
async fn waiting() -> &'static str {
    std::future::pending().await
}

fn main() {
    admin_endpoints::script::init();
    let case = std::env::var("SERVER_CASE").ok();
    if let Some((_, body, _)) = CASES
        .iter()
        .find(|(name, ..)| Some(*name) == case.as_deref())
    {
        return body();
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut failed = false;
    for (name, _, ask) in CASES {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
            continue;
        }
        let passed = Program::run(name, ask);
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        failed |= !passed;
    }
    assert!(!failed, "a case failed");
}
