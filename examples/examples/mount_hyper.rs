//! The admin plane inside a hyper server, below /admin, with a token and a periodic thread.
//!
//! `cargo run --example mount_hyper`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use admin_runtime::{AdminServer, Audit, Body, Json, RunSummary, State, admin_endpoint, periodic};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tower_service::Service;

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

/// The target of a request below /admin, as the admin server sees it.
fn admin_target(target: &Uri) -> Option<Uri> {
    let rest = target.path_and_query()?.as_str().strip_prefix("/admin")?;
    match rest.chars().next() {
        Some('/') => rest.parse().ok(),
        Some('?') | None => format!("/{rest}").parse().ok(),
        Some(_) => None, // `/administrators`
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let visits = Visits::default();
    let server = AdminServer::builder()
        .state(Arc::clone(&visits))
        .token("ops", "s3cret") // in a real program from a file or the environment
        .mounted_at("/admin") // the prefix in links and messages
        .build()?;
    let _threads = server.periodic_threads().start()?; // until this is dropped
    let _checks = server.health_checks().start()?; // until this is dropped
    let admin = server.service();

    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:7000")).await?;
    let address = listener.local_addr()?;
    println!("curl http://{address}/");
    for path in ["visits", "periodic-threads-health?probe=true"] {
        println!("curl --oauth2-bearer s3cret 'http://{address}/admin/{path}'");
    }
    println!("curl --oauth2-bearer s3cret -X POST http://{address}/admin/visits/reset");
    loop {
        let (stream, _) = listener.accept().await?;
        let (admin, visits) = (admin.clone(), Arc::clone(&visits));
        let answer = service_fn(move |mut request: Request<hyper::body::Incoming>| {
            let (mut admin, visits) = (admin.clone(), Arc::clone(&visits));
            async move {
                if let Some(target) = admin_target(request.uri()) {
                    *request.uri_mut() = target;
                    return admin.call(request).await;
                }
                let count = visits.fetch_add(1, Ordering::Relaxed) + 1;
                let mut reply = Response::new(Body::Bytes(format!("visit {count}\n").into()));
                if request.uri().path() != "/" {
                    *reply.status_mut() = hyper::StatusCode::NOT_FOUND;
                }
                Ok::<_, Infallible>(reply)
            }
        });
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            let http = http.timer(TokioTimer::new()); // for its `header_read_timeout`
            http.serve_connection(TokioIo::new(stream), answer).await
        });
    }
}
