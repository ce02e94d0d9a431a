//! The admin plane inside a stack of tower services, below /admin, with a token and a periodic thread.
//!
//! `cargo run --example mount_tower`, then run what it prints.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use admin_runtime::{AdminServer, Audit, Body, Json, RunSummary, State, admin_endpoint, periodic};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

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

/// Strips the prefix from the path.
fn without_prefix(mut request: Request<Incoming>) -> Request<Incoming> {
    let target = request.uri().path_and_query();
    let rest = target.and_then(|target| target.as_str().strip_prefix("/admin"));
    if let Some(Ok(rest)) = rest.map(str::parse) {
        *request.uri_mut() = rest;
    }
    request
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
    // Any layer of tower goes around it; it takes requests with any body.
    let admin = ServiceBuilder::new()
        .map_request(without_prefix)
        .service(server.service());
    let service = service_fn(move |request: Request<Incoming>| {
        let (mut admin, visits) = (admin.clone(), Arc::clone(&visits));
        async move {
            let path = request.uri().path();
            if path.starts_with("/admin/") {
                return admin.ready().await?.call(request).await;
            }
            let is_home = path == "/";
            let count = visits.fetch_add(1, Ordering::Relaxed) + 1;
            let mut reply = Response::new(Body::Bytes(format!("visit {count}\n").into()));
            if !is_home {
                *reply.status_mut() = StatusCode::NOT_FOUND;
            }
            Ok::<_, Infallible>(reply)
        }
    });

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
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
