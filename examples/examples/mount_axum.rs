//! The admin plane inside an axum application, below /admin.
//!
//! `cargo run --example mount_axum`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use admin_runtime::{AdminServer, Audit, Json, State, admin_endpoint};
use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

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

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let visits = Visits::default();
    let admin = AdminServer::builder()
        .state(Arc::clone(&visits))
        .trust_loopback() // true here: the application listens on 127.0.0.1 only
        .service()?;
    let visit = async move || {
        let count = visits.fetch_add(1, Ordering::Relaxed) + 1;
        format!("visit {count}\n")
    };
    let app = Router::new()
        .route("/", get(visit))
        .nest_service("/admin", admin);

    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:7000")).await?;
    let address = listener.local_addr()?;
    println!("curl http://{address}/");
    println!("curl http://{address}/admin/visits");
    println!("curl -X POST http://{address}/admin/visits/reset");
    axum::serve(listener, app).await?;
    Ok(())
}
