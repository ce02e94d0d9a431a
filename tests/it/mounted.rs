//! The filter inside an application of its own.

use std::convert::Infallible;

use admin_runtime::AdminFilter;
use admin_runtime::describe::Method;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tower_service::Service;
use warp::{Filter, Rejection, Reply};

use crate::builder;

async fn reply<F>(filter: F, method: &str, target: &str) -> (u16, String)
where
    F: Filter<Error = Rejection> + Clone + Send + Sync + 'static,
    F::Extract: Reply,
{
    reply_to(filter, method, target, "*/*").await
}

async fn reply_to<F>(filter: F, method: &str, target: &str, accept: &str) -> (u16, String)
where
    F: Filter<Error = Rejection> + Clone + Send + Sync + 'static,
    F::Extract: Reply,
{
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("accept", accept)
        .header("host", "localhost");
    let request = request.body(Full::new(Bytes::new())).unwrap();
    let Ok::<_, Infallible>(reply) = warp::service(filter).call(request).await;
    let status = reply.status().as_u16();
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn app() -> impl Filter<Extract = (&'static str,), Error = Rejection> + Clone + Send + Sync {
    warp::path!("app").map(|| "the application")
}

fn admin() -> AdminFilter {
    builder().filter().unwrap()
}

#[tokio::test]
async fn either_side_may_come_first() {
    for _ in 0..2 {
        assert_eq!(
            reply(admin().or(app()), "GET", "/app").await.1,
            "the application"
        );
        assert_eq!(
            reply(app().or(admin()), "GET", "/app").await.1,
            "the application"
        );
        assert_eq!(reply(admin().or(app()), "GET", "/name").await.1, "one");
        assert_eq!(reply(app().or(admin()), "GET", "/name").await.1, "one");
    }
    assert_eq!(reply(admin().or(app()), "GET", "/neither").await.0, 404);
    let (status, body) = reply(admin().or(app()), "DELETE", "/name").await;
    assert_eq!(
        (status, body.as_str()),
        (405, r#"{"error":"Method not allowed: DELETE /name"}"#)
    );
}

#[tokio::test]
async fn it_matches_the_remaining_path() {
    let prefixed = warp::path("admin").and(admin()).or(app());
    assert_eq!(reply(prefixed.clone(), "GET", "/admin/name").await.1, "one");
    assert_eq!(reply(prefixed.clone(), "GET", "/name").await.0, 404);
    assert_eq!(
        reply(prefixed.clone(), "GET", "/app").await.1,
        "the application"
    );
    let (status, body) = reply(prefixed, "POST", "/admin/name").await;
    assert_eq!(
        (status, body.as_str()),
        (405, r#"{"error":"Method not allowed: POST /admin/name"}"#)
    );
    let owning = warp::path("admin").and(builder().filter_or_404().unwrap());
    let (status, body) = reply(owning, "GET", "/admin/nope").await;
    assert_eq!(
        (status, body.as_str()),
        (404, r#"{"error":"Not found: /admin/nope"}"#)
    );
}

/// A browser takes the folder of the page's own address for the start of a relative link.
#[tokio::test]
async fn links_of_the_page_lead_below_the_prefix() {
    let prefixed = warp::path("admin").and(admin());
    for (target, link) in [("/admin", "./admin/name"), ("/admin/", "./name")] {
        let list = format!("{target}?format=list");
        let (status, page) = reply_to(prefixed.clone(), "GET", &list, "text/html").await;
        assert_eq!(status, 200, "{target}");
        assert!(
            page.contains(&format!("href=\"{link}\"")),
            "{target}: {page}"
        );
    }
}

#[tokio::test]
async fn only_reads_are_answered_unless_told_otherwise() {
    let (status, body) = reply(admin(), "POST", "/change").await;
    assert_eq!(status, 403);
    assert!(body.contains("trust_loopback()"), "{body}");
    assert_eq!(reply(admin(), "GET", "/name").await.0, 200);
    let trusting = builder().trust_loopback().filter().unwrap();
    assert_eq!(reply(trusting, "POST", "/change").await.0, 204);
}

#[tokio::test]
async fn an_endpoint_filter_answers_one_endpoint() {
    let server = builder().build().unwrap();
    let leaf = server.endpoint_filter(Method::Get, "/name").unwrap();
    assert_eq!(reply(leaf.clone(), "GET", "/name").await.1, "one");
    assert_eq!(reply(leaf, "GET", "/env").await.0, 404);
    assert!(server.endpoint_filter(Method::Post, "/name").is_none());
}

#[tokio::test]
async fn the_host_guard_reads_the_http2_authority() {
    let request = |uri: &str| {
        Request::builder()
            .uri(uri)
            .body(Full::new(Bytes::new()))
            .unwrap()
    };
    for (uri, status) in [
        ("http://localhost/name", 200),
        ("http://evil.example/name", 403),
    ] {
        let Ok::<_, Infallible>(reply) = warp::service(admin()).call(request(uri)).await;
        assert_eq!(reply.status().as_u16(), status, "{uri}");
    }
}

#[tokio::test]
async fn the_test_client_needs_no_socket() {
    let server = builder().build().unwrap();
    let reply = server.test_client().get("/name").await;
    assert_eq!((reply.status().as_u16(), reply.text()), (200, "one"));
    assert_eq!(
        server.test_client().post("/change").await.status().as_u16(),
        204
    );
    assert_eq!(
        server
            .test_client()
            .get("/name")
            .without_host()
            .await
            .status()
            .as_u16(),
        400
    );
    assert_eq!(
        server.test_client().get("/slow").await.status().as_u16(),
        503
    );
}

#[tokio::test]
async fn a_mounted_target_without_path_is_refused() {
    let owning = builder().filter_or_404().unwrap();
    for (method, target) in [
        ("CONNECT", "localhost:80"),
        ("GET", "localhost:80"),
        ("GET", "env"),
        ("POST", "metrics"),
    ] {
        for filter in [admin(), owning.clone()] {
            let request = Request::builder().method(method).uri(target);
            let request = request.header("host", "localhost");
            let request = request.body(Full::new(Bytes::new())).unwrap();
            let Ok::<_, Infallible>(reply) = warp::service(filter).call(request).await;
            let line = format!("{method} {target}");
            let status = reply.status().as_u16();
            assert!([400, 405].contains(&status), "{line}: {reply:?}");
            assert_eq!(reply.headers()["x-request-id"].len(), 16, "{line}");
        }
        let below = warp::path("admin").and(admin()).or(app());
        assert_eq!(reply(below, method, target).await.0, 404);
    }
    assert_eq!(reply(admin(), "GET", "/").await.0, 200);
}
