//! Metrics of the program, in Prometheus' text format: how long it takes to find primes.
//!
//! `cargo run --example metrics`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::error::Error;
use std::time::Instant;

use admin_runtime::{AdminError, AdminServer, Json, admin_endpoint};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

admin_runtime::link!(admin_endpoints); // for /metrics

/// The largest sieve: a byte for each number.
const MAX_NUMBER: usize = 10_000_000;

/// Marks the multiples of every prime; what is left unmarked is prime.
fn count_primes(below: usize) -> usize {
    let mut composite = vec![false; below];
    let mut primes = 0;
    for number in 2..below {
        if composite[number] {
            continue;
        }
        primes += 1;
        for multiple in (number * number..below).step_by(number) {
            composite[multiple] = true;
        }
    }
    primes
}

/// Count the primes below a number.
///
/// It computes for up to a second, so it is a plain function: it runs on the server's pool.
#[admin_endpoint(path = "/primes")]
#[expect(clippy::disallowed_methods, reason = "a program reads the clock")]
fn primes(
    /// At most 10000000.
    below: usize,
) -> Result<Json<usize>, AdminError> {
    if below > MAX_NUMBER {
        return Err(AdminError::bad_request(format!(
            "Invalid below '{below}': expected at most {MAX_NUMBER}"
        )));
    }
    let started = Instant::now();
    let primes = count_primes(below);
    histogram!("sieve_seconds").record(started.elapsed());
    counter!("sieved_numbers_total").increment(below as u64);
    Ok(Json(primes))
}

fn main() -> Result<(), Box<dyn Error>> {
    admin_endpoints::metrics::install()?; // before the first metric is recorded
    describe_histogram!("sieve_seconds", Unit::Seconds, "Time to count primes");
    describe_counter!("sieved_numbers_total", "Numbers that were checked");
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:7000");
    let admin = AdminServer::builder().bind(address).start()?;
    let address = admin.local_addr();
    println!("curl 'http://{address}/primes?below=1000'");
    println!("curl http://{address}/metrics");
    loop {
        std::thread::park(); // the work of your program
    }
}
