//! What one endpoint costs its crate: CPU time of `cargo check` and `cargo build`, bytes of the
//! stripped release binary, beside the same routes written by hand for axum and for warp.
//!
//! `cargo bench -p admin-tests --bench compile_cost`: minutes.
//!
//! Each endpoint has a path parameter, two optional query parameters and a JSON reply. Crates of 1,
//! 50 and 200 of them are compiled in turns, without incremental state; the cost of one endpoint is
//! the difference to the crate of 1, divided. CPU time includes that of every process that cargo
//! starts, so other work on the machine changes it little.

#![expect(clippy::print_stdout, reason = "it prints figures")]

mod flavour;
mod workspace;

use flavour::Flavour;
use workspace::Workspace;

/// Counts of endpoints; the others are compared with the first. Boxed warp routes compile too slowly
/// for the last.
const COUNTS: [usize; 3] = [1, 50, 200];

/// How often each crate is compiled; the median is reported.
const ROUNDS: usize = 3;

fn main() {
    // `cargo test --benches` runs it without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let workspace = Workspace::generate(&COUNTS);
    let mut shown = Vec::new();
    let mut vs_axum = Vec::new();
    for (command, unit) in [
        ("check", "ms of cargo check"),
        ("build", "ms of cargo build"),
    ] {
        let times = workspace.times(command, ROUNDS);
        let cost = |flavour, count| {
            let milliseconds = |count| times.median(flavour, count) * 1000.0;
            (milliseconds(count) - milliseconds(1)) / (count - 1) as f64
        };
        for flavour in Flavour::ALL {
            let each = flavour.counts(&COUNTS).filter(|count| *count > 1);
            let each: Vec<_> = each
                .map(|count| format!("{:6.1} at {count}", cost(flavour, count)))
                .collect();
            shown.push(format!("{:>6} {unit}: {}", flavour.name(), each.join(", ")));
        }
        let ratio = cost(Flavour::Admin, 200) / cost(Flavour::Axum, 200);
        vs_axum.push((command, ratio));
    }
    let mut release = Vec::new();
    for flavour in Flavour::ALL {
        let (small, large) = (
            workspace.release(flavour, 1),
            workspace.release(flavour, 50),
        );
        let each = (large as f64 - small as f64) / 49.0 / 1024.0;
        shown.push(format!(
            "{:>6} kB of release binary: {each:5.1} at 50",
            flavour.name()
        ));
        release.push(each);
    }
    println!("What one endpoint adds:");
    shown.iter().for_each(|line| println!("{line}"));
    for (command, ratio) in &vs_axum {
        println!("{command}_vs_axum: {ratio:.2}");
    }
    println!("release_kb_per_endpoint: {:.2}", release[0]);
    for (command, ratio) in vs_axum {
        assert!(ratio <= 1.0, "cargo {command}: {ratio:.2} times axum's");
    }
    assert!(release[0] <= 5.0, "{:.2} kB", release[0]);
}
