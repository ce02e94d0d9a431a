//! Request bodies that only an application can send: of a type of its own, through `service()`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use admin_runtime::Limits;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use tower_service::Service;

use crate::builder;
use crate::log::{lines, log};

/// A body that never ends and is always ready.
struct AlwaysReady(fn() -> Frame<Bytes>);

impl Body for AlwaysReady {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(self.0())))
    }
}

async fn post_json(body: AlwaysReady, id: &str) -> (u16, String) {
    let limits = Limits::default()
        .with_body_read_timeout(Duration::from_millis(50))
        .with_min_body_bytes_per_second(u32::MAX);
    let mut service = builder().trust_loopback().limits(limits).service().unwrap();
    let request = Request::post("/json")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("x-request-id", id);
    let Ok(reply) = service.call(request.body(body).unwrap()).await;
    let status = reply.status().as_u16();
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn frames_without_data_are_bounded() {
    for frame in [
        (|| Frame::data(Bytes::new())) as fn() -> Frame<Bytes>,
        || Frame::trailers(HeaderMap::new()),
    ] {
        let (status, body) = post_json(AlwaysReady(frame), "without-data").await;
        assert_eq!(
            (status, body.as_str()),
            (
                400,
                r#"{"error":"The body has more than 1024 frames without data"}"#
            )
        );
    }
}

#[tokio::test]
async fn an_always_ready_body_times_out() {
    let slow = AlwaysReady(|| {
        thread::sleep(Duration::from_millis(1));
        Frame::data(Bytes::from_static(b" "))
    });
    let (status, body) = post_json(slow, "always-ready").await;
    assert_eq!(status, 408, "{body}");
}

#[tokio::test]
async fn a_panicking_body_is_answered_with_500() {
    log();
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let panics = AlwaysReady(|| panic!("the body of an application"));
    let (status, body) = post_json(panics, "body-panic").await;
    assert_eq!(status, 500, "{body}");
    assert!(body.contains("body-panic") && !body.contains("application"));
    let lines = lines("request_id=body-panic ");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ERROR") && lines[0].contains("the body of an application"));
    let counted = r#"admin_requests_total{method="POST",path="/json",status="500"} 1"#;
    assert!(metrics.render().contains(counted), "{}", metrics.render());
}
