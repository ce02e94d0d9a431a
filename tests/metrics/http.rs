//! `GET /metrics` and `POST /metrics/reset` over HTTP, without an installed recorder.

use std::future::Future;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use admin_endpoints::metrics::{MetricsConfig, Recorder, Source};
use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{Case, cases, curl};
use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::runtime::Builder;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        missing_recorder_is_a_501,
        failed_source_is_a_503_with_the_reason,
        curl_reads_and_resets_metrics,
        unsupported_reset_is_a_409,
        remote_clients_can_request_gzip,
        slow_clients_do_not_block_others
    ]
}

fn in_runtime(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(test);
}

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

fn recorder() -> Recorder {
    Recorder::builder().build().expect("the defaults are valid")
}

fn server(recorder: &Recorder) -> AdminServer {
    let config = MetricsConfig::new(recorder.clone());
    AdminServer::builder()
        .config(config)
        .build()
        .expect("the common routes do not collide")
}

fn running(recorder: &Recorder) -> RunningServer {
    let config = MetricsConfig::new(recorder.clone());
    let builder = AdminServer::builder().config(config).bind("127.0.0.1:0");
    builder.start().expect("loopback has a free port")
}

fn missing_recorder_is_a_501() {
    in_runtime(async {
        let server = AdminServer::builder()
            .build()
            .expect("the common routes do not collide");
        for reply in [
            server.test_client().get("/metrics").await,
            server.test_client().post("/metrics/reset").await,
        ] {
            assert_eq!(reply.status().as_u16(), 501);
            assert_eq!(
                reply.text(),
                "No metrics recorder is installed; add `admin_endpoints::metrics::install()?;` \
             as the first line of main"
            );
            assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        }
    });
}

/// A source that writes a line again and again.
struct Endless;

impl Source for Endless {
    fn name(&self) -> &str {
        "endless"
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        loop {
            out.write_all(b"jobs 1\n")?;
        }
    }
}

/// A source that cannot be read.
struct Broken;

impl Source for Broken {
    fn name(&self) -> &str {
        "broken"
    }

    fn write(&self, _: &mut dyn Write) -> io::Result<()> {
        Err(io::Error::other("the pipe is closed"))
    }
}

fn failed_source_is_a_503_with_the_reason() {
    in_runtime(async {
        let endless = Recorder::builder()
            .source(Endless)
            .max_source_bytes(100_000);
        let cases = [
            (
                endless,
                "The metrics source `endless` has more than 100000 bytes: raise \
             `RecorderBuilder::max_source_bytes`",
            ),
            (
                Recorder::builder().source(Broken),
                "The metrics source `broken` cannot be read: the pipe is closed",
            ),
        ];
        for (builder, reason) in cases {
            let recorder = builder.build().expect("the settings are valid");
            let reply = server(&recorder).test_client().get("/metrics").await;
            assert_eq!(reply.status().as_u16(), 503);
            assert_eq!(reply.text(), reason);
            // In process, the other metrics are still shown.
            assert!(recorder.render().contains("build_info{"));
        }
    });
}

fn curl_reads_and_resets_metrics() {
    let recorder = recorder();
    let (hits, level) = metrics::with_local_recorder(&recorder, || {
        (counter!("hits", "tier" => "l1"), gauge!("level"))
    });
    hits.increment(3);
    level.set(2.5);
    let server = running(&recorder);
    let url = format!("http://{}/metrics", server.local_addr());

    let reply = curl(&["--compressed"], &url);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("content-type"), TEXT_FORMAT);
    assert_ne!(reply.header("x-request-id"), "");
    let encoding = reply.header("content-encoding");
    assert_eq!(encoding, "", "loopback replies are not compressed");
    assert!(reply.body.contains("\nhits_total{tier=\"l1\"} 3\n"));
    assert!(reply.body.contains("\nlevel 2.5\n"));

    let reset = curl(&["--request", "POST"], &format!("{url}/reset"));
    assert_eq!(reset.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(reset.body, "ok");
    hits.increment(1);
    let body = curl(&[], &url).body;
    assert!(body.contains("\nhits_total{tier=\"l1\"} 1\n") && body.contains("\nlevel 0\n"));

    let head = curl(&["--head"], &url);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), TEXT_FORMAT);
    let refused = curl(&[], &format!("{url}/reset"));
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
}

fn unsupported_reset_is_a_409() {
    in_runtime(async {
        let exporter = PrometheusBuilder::new().build_recorder();
        let recorder = Recorder::builder()
            .source(exporter.handle())
            .build()
            .expect("the defaults are valid");
        metrics::with_local_recorder(&exporter, || counter!("theirs").increment(1));
        metrics::with_local_recorder(&recorder, || counter!("ours").increment(1));
        let server = server(&recorder);
        let reply = server.test_client().post("/metrics/reset").await;
        assert_eq!(reply.status().as_u16(), 409);
        assert!(
            reply.text().starts_with("Nothing was reset"),
            "{}",
            reply.text()
        );
        assert!(reply.text().contains("`metrics-exporter-prometheus`"));
        let reply = server.test_client().get("/metrics").await;
        assert!(reply.text().contains("\nours_total 1\n") && reply.text().contains("\ntheirs 1\n"));
    });
}

fn remote_clients_can_request_gzip() {
    in_runtime(async {
        let recorder = recorder();
        metrics::with_local_recorder(&recorder, || {
            for i in 0..20_000 {
                counter!("many", "i" => i.to_string()).increment(i);
            }
        });
        let server = server(&recorder);
        let plain = server
            .test_client()
            .get("/metrics")
            .header("accept-encoding", "gzip;q=0, br")
            .await;
        assert_eq!(plain.header("vary"), "accept-encoding");
        let zipped = server
            .test_client()
            .get("/metrics")
            .header("accept-encoding", "br, gzip")
            .await;
        assert_eq!(zipped.header("content-encoding"), "gzip");
        assert_eq!(zipped.header("content-type"), TEXT_FORMAT);
        assert!(zipped.bytes().len() * 4 < plain.bytes().len());

        let mut gzip = Command::new("gzip")
            .arg("-dc")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("gzip is installed: apt-get install gzip");
        let mut input = gzip.stdin.take().expect("stdin is a pipe");
        let body = zipped.bytes().clone();
        let writer = std::thread::Builder::new().name("gzip-input".into());
        let writer = writer
            .spawn(move || input.write_all(&body))
            .expect("a thread can be started");
        let output = gzip.wait_with_output().expect("gzip exits");
        writer
            .join()
            .expect("the writer does not panic")
            .expect("gzip reads its input");
        assert!(output.status.success());
        let many = |text: &str| {
            text.lines()
                .filter(|line| line.starts_with("many_total{"))
                .count()
        };
        assert_eq!(many(&String::from_utf8_lossy(&output.stdout)), 20_000);
        assert_eq!(many(plain.text()), 20_000);
    });
}

fn slow_clients_do_not_block_others() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        for i in 0..100_000 {
            counter!("many", "i" => i.to_string(), "more" => "text to fill the socket")
                .increment(1);
        }
    });
    let server = running(&recorder);
    let mut slow = TcpStream::connect(server.local_addr()).expect("the server listens");
    slow.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("the server reads");
    // After the first byte the scrape has started; the server cannot write all of it.
    let mut first = [0; 1];
    slow.read_exact(&mut first).expect("the server replies");

    let url = format!("http://{}/metrics", server.local_addr());
    assert_eq!(
        curl(&["--request", "POST"], &format!("{url}/reset")).body,
        "ok"
    );
    let body = curl(&[], &url).body;
    assert_eq!(body.matches("\nmany_total{").count(), 100_000);

    let mut rest = String::new();
    slow.read_to_string(&mut rest)
        .expect("the scrape continues");
    assert_eq!(rest.matches("\nmany_total{").count(), 100_000);
}
