//! The admin plane inside a warp application, below /admin, with a token and a periodic thread.
//!
//! `cargo run --example mount_warp`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use admin_runtime::{AdminServer, Audit, Json, RunSummary, State, admin_endpoint, periodic};
use tokio::net::TcpListener;
use warp::Filter;

admin_runtime::link!(admin_endpoints); // the common routes

/// Visits of the application since the last reset.
type Visits = Arc<AtomicU64>;

/// How often the application was visited.
#[admin_endpoint(path = "/visits")]
async fn visits(visits: State<Visits>) -> Json<u64> {
    Json(visits.load(Ordering::Relaxed))
}

/// Count from 0 again.
#[admin_endpoint(method = "POST", path = "/visits/reset")]
async fn reset(visits: State<Visits>, audit: Audit) -> Json<u64> {
    let before = visits.swap(0, Ordering::Relaxed);
    audit.change(before, 0);
    Json(before)
}

/// Reports the visits.
#[periodic(level = "high", interval = "10s")]
fn report(visits: State<Visits>) -> RunSummary {
    RunSummary::new("counted").with("visits", visits.load(Ordering::Relaxed))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let visits = Visits::default();
    let server = AdminServer::builder()
        .state(Arc::clone(&visits))
        .token("ops", "s3cret") // in a real program from a file or the environment
        .build()?;
    let _threads = server.periodic_threads().start()?; // until this is dropped
    let _checks = server.health_checks().start()?; // until this is dropped
    let app = warp::path::end().map(move || {
        let count = visits.fetch_add(1, Ordering::Relaxed) + 1;
        format!("visit {count}\n")
    });
    // warp leaves the whole path, so the server knows the prefix without `mounted_at`.
    let routes = warp::path("admin").and(server.filter()).or(app);

    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:7000")).await?;
    let address = listener.local_addr()?;
    println!("curl http://{address}/");
    for path in ["visits", "periodic-threads-health?probe=true"] {
        println!("curl --oauth2-bearer s3cret 'http://{address}/admin/{path}'");
    }
    println!("curl --oauth2-bearer s3cret -X POST http://{address}/admin/visits/reset");
    warp::serve(routes).incoming(listener).run().await;
    Ok(())
}
