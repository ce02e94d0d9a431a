//! CPU time that a server spends on one request over a socket, against plain hyper and axum.
//!
//! The load comes from a process of its own over keep-alive connections, so the CPU time of this
//! process is what its servers use, the kernel's part included. Servers are measured in turn, in
//! several rounds; a ratio is the median of the ratios within one round, which a busy machine
//! changes little.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its results and stops at the first error"
)]

mod certificate;
mod endpoints;
mod load;
mod measurement;
mod servers;
mod variables;

use self::load::LoadGenerator;
use self::measurement::Measurements;
use self::servers::Servers;

/// The argument with which this executable starts itself as the load generator.
const LOAD_ARGUMENT: &str = "generate-load";

fn main() {
    if std::env::args().nth(1).as_deref() == Some(LOAD_ARGUMENT) {
        return load::generate();
    }
    variables::restart_with_fixed_environment();
    let servers = Servers::start();
    let mut load = LoadGenerator::spawn();
    let measured = Measurements::take(&servers.targets(), &mut load);
    for (name, _) in servers.targets() {
        println!(
            "{name}: {:.1} us of CPU a request",
            measured.median_us(name)
        );
    }
    let ratio = |line, name| println!("{line}: {:.2}", measured.median_ratio(name, servers::HYPER));
    ratio("axum_vs_hyper", servers::AXUM);
    ratio("service_vs_hyper", servers::SERVICE);
    ratio("cpu_admin_endpoint_vs_hyper", servers::ADMIN_ENDPOINT);
    ratio("cpu_user_endpoint_vs_hyper", servers::USER_ENDPOINT);
    let tls_ratio = measured.median_ratio(servers::ADMIN_ENDPOINT_TLS, servers::HYPER_TLS);
    println!("tls_cpu_vs_hyper: {tls_ratio:.2}");
    println!(
        "env_30_variables_us: {:.1}",
        measured.median_us(servers::ENV)
    );
}
