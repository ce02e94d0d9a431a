//! What a server does for some while others hold its connections, its memory and its files.
//!
//! The server is a process of its own, this executable started again, so that nothing of the clients counts.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its results and stops at the first error"
)]

mod idle;
mod probes;
mod rotation;
mod server;
mod uploads;

admin_runtime::link!(admin_endpoints);

fn main() {
    admin_endpoints::script::init();
    if std::env::args().nth(1).as_deref() == Some(server::ARGUMENT) {
        return server::serve();
    }
    server::raise_descriptor_limit();
    // `cargo bench --bench listeners -- idle` measures that alone.
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let measurements: [(&str, fn()); 4] = [
        ("probes", probes::measure),
        ("uploads", uploads::measure),
        ("rotation", rotation::measure),
        ("idle", idle::measure),
    ];
    for (name, measure) in measurements {
        if wanted.as_deref().is_none_or(|wanted| wanted == name) {
            measure();
        }
    }
}
