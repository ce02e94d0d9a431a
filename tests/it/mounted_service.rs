//! The server as a tower service: beside the filter, in axum and in plain hyper.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::thread;

use admin_runtime::{AdminServer, AdminService};
use admin_tests::{ask, send};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower_service::Service;
use warp::Filter;

use crate::builder;

/// Everything of a reply that a client can see.
#[derive(Debug, PartialEq)]
struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    announced: Option<u64>,
    body: Bytes,
}

async fn seen<S, B>(service: &mut S, request: Request<Full<Bytes>>) -> Seen
where
    S: Service<Request<Full<Bytes>>, Response = http::Response<B>, Error = Infallible>,
    B: Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let Ok(reply) = service.call(request).await;
    let (head, body) = reply.into_parts();
    let announced = body.size_hint().exact();
    let body = body.collect().await.unwrap().to_bytes();
    Seen {
        status: head.status,
        headers: head.headers,
        announced,
        body,
    }
}

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(target);
    let request = request.header("x-request-id", "same");
    let headers = headers.iter();
    headers
        .fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
        .body(Full::new(Bytes::from_static(b"{}")))
        .unwrap()
}

/// These never answer, or differ from one moment to the next.
const NOT_COMPARABLE: [&str; 7] = [
    "/blocked",
    "/endless",
    "/panicking-stream",
    "/threads",
    "/waiting",
    "/blocking/{test}",
    "/wedged/{test}",
];

#[tokio::test]
async fn filter_and_service_reply_alike() {
    let server = builder().build().unwrap();
    let filter = server.filter_or_404();
    assert_alike(&server, warp::service(filter), "").await;
}

#[tokio::test]
async fn filter_and_service_reply_alike_below_a_prefix() {
    let server = builder().mounted_at("/admin").build().unwrap();
    let filter = warp::path("admin").and(builder().filter_or_404().unwrap());
    assert_alike(&server, warp::service(filter), "/admin").await;
}

/// Compares a filter, which is asked below the prefix, with a service, which is asked without it.
async fn assert_alike<S, B>(server: &AdminServer, mut filter: S, prefix: &str)
where
    S: Service<Request<Full<Bytes>>, Response = http::Response<B>, Error = Infallible>,
    B: Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let mut service = server.service();
    let host = ("host", "localhost");
    let long = "x".repeat(40_000);
    let long_path = format!("/{}", "x".repeat(9000));
    let mut requests = vec![
        ("GET", "/nope".to_owned(), vec![host]),
        ("GET", "//env?a=1".to_owned(), vec![host]),
        ("GET", "/echo/%ff".to_owned(), vec![host]),
        ("GET", "/echo/a%2Fb?tag=1&tag=%20".to_owned(), vec![host]),
        ("GET", "/echo/a?tag=%ff".to_owned(), vec![host]),
        ("GET", "/%65nv?".to_owned(), vec![host]),
        ("BREW", "/name".to_owned(), vec![host]),
        ("GET", long_path, vec![host]),
        ("GET", "/name".to_owned(), vec![]),
        ("GET", "/name".to_owned(), vec![("host", "a b")]),
        ("GET", "/name".to_owned(), vec![("host", "evil.example")]),
        ("GET", "/name".to_owned(), vec![host, host]),
        ("GET", "/name".to_owned(), vec![host, ("x-long", &long)]),
        ("GET", "http://localhost/name".to_owned(), vec![host]),
        ("GET", "http://localhost/name".to_owned(), vec![]),
        ("GET", "http://evil.example/name".to_owned(), vec![host]),
        ("GET", "/level?set=1".to_owned(), vec![host]),
        (
            "POST",
            "/json".to_owned(),
            vec![host, ("content-type", "application/json")],
        ),
    ];
    let mut compared = 0;
    for endpoint in server.registry().endpoints() {
        if NOT_COMPARABLE.contains(&endpoint.path()) {
            continue;
        }
        compared += 1;
        let target = endpoint.path().replace('{', "a").replace('}', "b");
        for method in [endpoint.method().as_str(), "HEAD", "PUT"] {
            requests.push((method, target.clone(), vec![host]));
        }
    }
    assert!(compared > 30, "{compared}");
    for (method, target, headers) in requests {
        let (origin, path) = target.split_at(
            target
                .strip_prefix("http://")
                .map_or(0, |rest| "http://".len() + rest.find('/').unwrap()),
        );
        let below = format!("{origin}{prefix}{path}");
        let one = seen(&mut filter, request(method, &below, &headers)).await;
        let other = seen(&mut service, request(method, &target, &headers)).await;
        let short = &target[..target.len().min(60)];
        assert_eq!(one, other, "{method} {short}");
    }
}

fn service() -> AdminService {
    builder().trust_loopback().service().unwrap()
}

/// Serves on a thread of its own until the process ends.
pub(crate) fn on_thread<F>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()>,
{
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    thread::spawn(move || {
        runtime.block_on(async { serve(TcpListener::from_std(listener).unwrap()).await });
    });
    address
}

#[test]
fn axum_serves_it_below_a_prefix() {
    let mounted = builder().service().unwrap();
    let named = builder().mounted_at("/named").service().unwrap();
    let app: Router = Router::new()
        .route("/app", get(|| async { "the application" }))
        .nest_service("/admin", service())
        .nest_service("/named", named)
        .nest_service("/guarded", mounted);
    let at = on_thread(async |listener| axum::serve(listener, app).await.unwrap());
    let body = |method: &str, target: &str| {
        let reply = ask(at, method, target, &[]);
        (reply.status, reply.body)
    };
    assert_eq!(body("GET", "/app"), (200, "the application".into()));
    assert_eq!(body("GET", "/admin/name"), (200, "one".into()));
    assert_eq!(
        body("GET", "/admin/stream").1,
        "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"
    );
    assert_eq!(
        body("GET", "/admin/nope"),
        (404, r#"{"error":"Not found: /nope"}"#.into())
    );
    assert_eq!(
        body("GET", "/named/nope?a=1"),
        (404, r#"{"error":"Not found: /named/nope"}"#.into())
    );
    assert_links_resolve(at, "/named");
    assert_links_resolve(at, "/named/");
    assert_links_resolve(at, "/admin/");
    assert_eq!(body("DELETE", "/admin/name").0, 405);
    assert_eq!(body("GET", "/admin").0, 200, "the index");
    assert_eq!(body("POST", "/admin/change"), (204, String::new()));
    let (status, refused) = body("POST", "/guarded/change");
    assert_eq!(status, 403);
    assert!(refused.contains("trust_loopback()"), "{refused}");
    let json = br#"{"text":"t","number":null,"flag":true,"tag":[]}"#;
    let kind = ["Content-Type: application/json"];
    let reply = send(at, "POST", "/admin/json", &kind, json);
    assert_eq!((reply.status, reply.body.as_bytes()), (200, &json[..]));
    let long = vec![b' '; (1 << 20) + 1];
    assert_eq!(send(at, "POST", "/admin/json", &kind, &long).status, 413);
}

/// Follows the links of the page at `page` to three plain routes, as a browser resolves them.
fn assert_links_resolve(at: SocketAddr, page: &str) {
    let list = format!("{page}?format=list");
    let html = ask(at, "GET", &list, &["Accept: text/html"]).body;
    let (folder, _) = page.rsplit_once('/').unwrap();
    for path in ["/name", "/env", "/openapi.json"] {
        let mut links = html
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next());
        let link = links.find(|link| !link.starts_with('#') && link.ends_with(path));
        let link = link.unwrap_or_else(|| panic!("{page} does not link {path}"));
        let target = match link.strip_prefix("./") {
            Some(relative) => format!("{folder}/{relative}"),
            None => link.to_owned(),
        };
        assert_eq!(ask(at, "GET", &target, &[]).status, 200, "{page}: {target}");
    }
}

#[test]
fn links_of_the_page_resolve_on_sockets() {
    let server = builder().start().unwrap();
    assert_links_resolve(server.local_addr(), "/");
    let warp = on_thread(async |listener| {
        let filter = warp::path("admin").and(builder().filter().unwrap());
        let service = TowerToHyperService::new(warp::service(filter));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let connection = http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service.clone()));
        }
    });
    assert_links_resolve(warp, "/admin");
    assert_links_resolve(warp, "/admin/");
}

#[test]
fn plain_hyper_serves_it() {
    let at = on_thread(async |listener| {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let admin = TowerToHyperService::new(service());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), admin));
        }
    });
    let reply = ask(at, "GET", "/name", &["x-request-id: id-1"]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "one"));
    assert_eq!(reply.header("x-request-id"), "id-1");
    assert_eq!(reply.header("content-length"), "3");
    assert_eq!(ask(at, "GET", "/nope", &[]).status, 404);
    assert_links_resolve(at, "/");
    assert_eq!(ask(at, "GET", "/panic/sync", &[]).status, 500);
    let evil = ask(at, "GET", "/name", &["Host: evil.example"]);
    assert_eq!(evil.status, 403);
}
