//! What a request costs in process, against one hand-written warp route with the same handler.
//!
//! Criterion prints the absolute times; the ratios at the end come from interleaved rounds.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads the clock, prints and has nobody to report to"
)]

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::time::{Duration, Instant};

use admin_runtime::describe::{EndpointDescriptor, HandlerTask, Method, SourceLocation};
use admin_runtime::{AdminFilter, AdminServer, AdminService, Response};
use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group};
use http::Request;
use http_body_util::Empty;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tower_service::Service;
use warp::Filter;

const BODY: &str = "{\"hits\":1,\"misses\":2}";
const ROUNDS: usize = 41;
const REQUESTS: usize = 5_000;

async fn handler() -> &'static str {
    BODY
}

/// An endpoint as the attribute writes it, under a path of its own.
fn endpoint(number: usize) -> EndpointDescriptor {
    let path = format!("/component{number}/stats").leak();
    let source = SourceLocation::new("bench", module_path!(), "handler").with_location(
        env!("CARGO_MANIFEST_DIR"),
        file!(),
        line!(),
        column!(),
    );
    EndpointDescriptor::new(Method::Get, path, source, |_| {
        Ok(HandlerTask::Async(Box::pin(async {
            Ok(Response::text(handler().await))
        })))
    })
}

fn server(endpoints: usize) -> AdminServer {
    let builder = AdminServer::builder().bind("127.0.0.1:0");
    (0..endpoints)
        .fold(builder, |builder, number| {
            builder.endpoint(endpoint(number))
        })
        .build()
        .unwrap()
}

fn single() -> AdminPeer {
    warp::path!("component5" / "stats")
        .and(warp::get())
        .then(|| async { handler().await })
        .boxed()
}

type AdminPeer = warp::filters::BoxedFilter<(&'static str,)>;

/// The request of a curl on loopback.
fn request() -> Request<Empty<Bytes>> {
    Request::builder()
        .uri("/component5/stats")
        .header("host", "127.0.0.1:7000")
        .header("user-agent", "curl/7.88.1")
        .header("accept", "*/*")
        .body(Empty::new())
        .unwrap()
}

/// The same with an id of its own, so that none is made.
fn request_with_id() -> Request<Empty<Bytes>> {
    let mut request = request();
    request.headers_mut().insert(
        "x-request-id",
        http::HeaderValue::from_static("0123456789abcdef"),
    );
    request
}

async fn ask<F>(filter: &F, request: Request<Empty<Bytes>>)
where
    F: Filter<Error = warp::Rejection> + Clone,
    F::Extract: warp::Reply,
    F::Future: Future,
{
    let Ok::<_, Infallible>(reply) = warp::service(filter.clone()).call(request).await;
    assert_eq!(black_box(reply).status(), 200);
}

async fn call(service: &AdminService, request: Request<Empty<Bytes>>) {
    let Ok(reply) = service.clone().call(request).await;
    assert_eq!(black_box(reply).status(), 200);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// Nanoseconds per request of one round.
fn round(
    runtime: &tokio::runtime::Runtime,
    request: fn() -> Request<Empty<Bytes>>,
    send: impl AsyncFn(Request<Empty<Bytes>>),
) -> f64 {
    // Made beforehand: what a request costs to make would hide what it costs to answer.
    let requests: Vec<_> = (0..REQUESTS).map(|_| request()).collect();
    let began = Instant::now();
    runtime.block_on(async {
        for request in requests {
            send(request).await;
        }
    });
    began.elapsed().as_nanos() as f64 / REQUESTS as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn absolute(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("dispatch");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(1))
        .warm_up_time(Duration::from_millis(300));
    let single = single();
    group.bench_function("warp, one hand-written route", |bencher| {
        bencher.iter_batched(
            request,
            |request| runtime.block_on(ask(&single, request)),
            BatchSize::SmallInput,
        );
    });
    for count in [10, 1000] {
        let filter = server(count).filter_or_404();
        group.bench_function(format!("full, {count} endpoints"), |bencher| {
            bencher.iter_batched(
                request,
                |request| runtime.block_on(ask(&filter, request)),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, absolute);

struct Measured {
    single: f64,
    service_10: f64,
    service_1000: f64,
    full_10: f64,
    full_1000: f64,
    full_10_with_id: f64,
}

fn interleaved(handle: Option<&PrometheusHandle>, rounds: usize) -> Measured {
    let runtime = runtime();
    let single = single();
    let (ten, thousand) = (server(10).start().unwrap(), server(1000).start().unwrap());
    let services: [AdminService; 2] = [ten.service(), thousand.service()];
    let filters: [AdminFilter; 2] = [ten.filter(), thousand.filter()];
    let mut times = [const { Vec::new() }; 6];
    for _ in 0..rounds {
        let one = [
            round(&runtime, request, async |it| ask(&single, it).await),
            round(&runtime, request, async |it| call(&services[0], it).await),
            round(&runtime, request, async |it| call(&services[1], it).await),
            round(&runtime, request, async |it| ask(&filters[0], it).await),
            round(&runtime, request, async |it| ask(&filters[1], it).await),
            round(&runtime, request_with_id, async |it| {
                ask(&filters[0], it).await
            }),
        ];
        times
            .iter_mut()
            .zip(one)
            .for_each(|(all, one)| all.push(one));
        handle.inspect(|handle| handle.run_upkeep());
    }
    let [
        single,
        service_10,
        service_1000,
        full_10,
        full_1000,
        full_10_with_id,
    ] = times.map(median);
    Measured {
        single,
        service_10,
        service_1000,
        full_10,
        full_1000,
        full_10_with_id,
    }
}

/// One deadline around a future that is ready, as every handler has.
fn deadline() -> f64 {
    let once = || {
        let began = Instant::now();
        runtime().block_on(async {
            for _ in 0..REQUESTS {
                let ready = std::future::ready(black_box(1));
                let _ = tokio::time::timeout(Duration::from_secs(30), ready).await;
            }
        });
        began.elapsed().as_nanos() as f64 / REQUESTS as f64
    };
    median((0..ROUNDS).map(|_| once()).collect())
}

/// The way to another runtime and back, which users' handlers take when a socket asks for them.
fn hop() -> f64 {
    let users = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let once = || {
        let began = Instant::now();
        runtime().block_on(async {
            for _ in 0..1000 {
                let _ = users.spawn(handler()).await;
            }
        });
        began.elapsed().as_nanos() as f64 / 1000.0
    };
    median((0..9).map(|_| once()).collect())
}

fn build_1000() -> f64 {
    let once = || {
        let endpoints: Vec<_> = (0..1000).map(endpoint).collect();
        let builder = endpoints
            .into_iter()
            .fold(AdminServer::builder(), |builder, endpoint| {
                builder.endpoint(endpoint)
            });
        let began = Instant::now();
        let _ = black_box(builder.build().unwrap());
        began.elapsed().as_secs_f64() * 1e3
    };
    median((0..9).map(|_| once()).collect())
}

fn main() {
    // Run as a test: prove that it runs, and measure nothing.
    if std::env::args().any(|argument| argument == "--test")
        || !std::env::args().any(|argument| argument == "--bench")
    {
        runtime().block_on(ask(&server(10).filter_or_404(), request()));
        return;
    }
    benches();
    let unrecorded = interleaved(None, ROUNDS / 2);
    let handle = PrometheusBuilder::new().install_recorder().unwrap();
    let Measured {
        single,
        service_10,
        service_1000,
        full_10,
        full_1000,
        full_10_with_id,
    } = interleaved(Some(&handle), ROUNDS);
    let deadline = deadline();
    // Two runs are compared through what both measured: the hand-written route.
    let metrics = full_10 - unrecorded.full_10 * single / unrecorded.single;
    println!("one hand-written warp route: {single:.0} ns");
    println!("service, 10 and 1000 endpoints: {service_10:.0} ns, {service_1000:.0} ns");
    println!("filter, 10 and 1000 endpoints: {full_10:.0} ns, {full_1000:.0} ns, of which");
    println!("  through warp: {:.0} ns", full_10 - service_10);
    println!("  request metrics: {metrics:.0} ns");
    println!(
        "  a request id made rather than taken over: {:.0} ns",
        full_10 - full_10_with_id
    );
    println!("  deadline: {deadline:.0} ns");
    println!(
        "from a socket to a user's handler also a hop between runtimes: {:.0} ns",
        hop()
    );
    println!("full_10_vs_single: {:.2}", full_10 / single);
    println!("full_1000_vs_single: {:.2}", full_1000 / single);
    println!(
        "growth_10_to_1000: {:.2}",
        (service_1000 / service_10).max(full_1000 / full_10)
    );
    println!("build_1000_ms: {:.2}", build_1000());
}
