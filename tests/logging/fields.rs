//! No field of a log event has raw control or direction characters, whatever formats it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use admin_endpoints::metrics::{MetricsConfig, Recorder, Source};
use admin_endpoints::script::ScriptConfig;
use admin_runtime::auth::{Authenticator, Identity, Unauthenticated};
use admin_runtime::describe::EndpointStatus;
use admin_runtime::{
    AdminError, AdminServer, Audit, Builder, HeaderMap, PeriodicError, RequestContext,
    admin_endpoint, log_queue,
};
use admin_tests::{CapturedLog, Case, cases, poll_until, raw};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;
use tokio::runtime::Runtime;
use tower_service::Service;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(crate) fn cases() -> Vec<Case> {
    cases![no_field_has_raw_control_characters]
}

/// Longer than the log takes on a machine that does other things too.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// What must not be seen raw: a line of its own, an escape sequence, separators, directions, an
/// invisible character and a C1 control character.
const HOSTILE: &str =
    "forged\r\n2026 \u{1b}[31m\u{2028}\u{2029}\u{202e}\u{2066}\u{200b}\u{85}\u{7f}";

/// The same where only bytes of HTTP can be sent.
const HOSTILE_UTF8: &str = "\u{2028}\u{202e}\u{2066}\u{200b}\u{feff}";

/// The same, percent-encoded.
const HOSTILE_ENCODED: &str = "%0D%0A%1B%E2%80%A8%E2%80%AE%C2%85%7F";

struct Anyone;

impl Authenticator for Anyone {
    fn authenticate(&self, _: &HeaderMap) -> Result<Identity, Unauthenticated> {
        Ok(Identity::new(format!("ops {HOSTILE}")))
    }
}

#[admin_endpoint(method = "POST", path = "/change/{name}")]
async fn change(name: String, audit: Audit) {
    audit.change(HOSTILE, name);
}

#[admin_endpoint(path = "/fail/{name}", status = "status")]
async fn fail(name: String) -> Result<String, AdminError> {
    Err(std::io::Error::other(format!("{name} {HOSTILE}")))?
}

fn status(_: &RequestContext) -> EndpointStatus {
    panic!("{HOSTILE}")
}

#[admin_endpoint(path = "/refuse/{name}")]
async fn refuse(name: String) -> Result<String, AdminError> {
    Err(AdminError::bad_request(format!("no {name}")))
}

#[admin_endpoint(path = "/panic/{name}")]
async fn panics(name: String) -> String {
    panic!("{name} {HOSTILE}")
}

#[admin_endpoint(path = "/panic/sync/{name}")]
fn panics_sync(name: String) -> String {
    panic!("{name} {HOSTILE}")
}

fn failing_thread() -> Result<(), PeriodicError> {
    Err(std::io::Error::other(HOSTILE).into())
}

fn panicking_thread() {
    panic!("{HOSTILE}")
}

/// A metrics source whose name and lines are hostile.
struct InvalidMetrics;

impl Source for InvalidMetrics {
    fn render(&self) -> String {
        format!("# TYPE a counter\na{{{HOSTILE_UTF8}=\"1\"}} x\nb y{HOSTILE_UTF8}\n")
    }

    fn name(&self) -> &str {
        HOSTILE
    }
}

/// The logs of this process, as text and as JSON.
fn logs() -> (CapturedLog, CapturedLog) {
    let (text, json) = (CapturedLog::default(), CapturedLog::default());
    let (text_writer, json_writer) = (text.clone(), json.clone());
    let layers = tracing_subscriber::registry()
        .with(
            tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(move || text_writer.clone()),
        )
        .with(
            tracing_subscriber::fmt::layer()
                .json()
                .with_writer(move || json_writer.clone()),
        );
    layers.init();
    (text, json)
}

fn builder() -> Builder {
    AdminServer::builder()
        .bind("127.0.0.1:0")
        .authenticator(Anyone)
        .config(ScriptConfig::default().allow_import(HOSTILE))
        .trust_loopback()
}

/// Methods and targets with what a client can send.
fn requests() -> Vec<(&'static str, String)> {
    let mut requests = Vec::new();
    for hostile in [HOSTILE_ENCODED, HOSTILE_UTF8] {
        for (method, path) in [
            ("POST", "/change/"),
            ("POST", "/change/x?a="),
            ("DELETE", "/change/"),
            ("GET", "/fail/"),
            ("GET", "/refuse/"),
            ("GET", "/panic/"),
            ("GET", "/panic/sync/"),
            ("GET", "/nope/"),
            ("GET", "/loglevel?logger_name=a&level="),
            ("GET", "/loglevel?level=debug&logger_name="),
            ("GET", "/threads?name="),
            ("GET", "/periodic-threads/"),
            ("POST", "/run_script?"),
            ("GET", "/?"),
            ("GET", "/metrics?"),
        ] {
            requests.push((method, format!("{path}{hostile}")));
        }
    }
    requests
}

fn ask_socket(at: SocketAddr) {
    for (method, target) in requests() {
        for head in [
            "Host: localhost".to_owned(),
            format!("Host: {HOSTILE_UTF8}"),
            format!("Host: localhost\r\nOrigin: {HOSTILE_UTF8}"),
            format!("Host: localhost\r\nX-Request-Id: {HOSTILE_UTF8}"),
            format!("Host: localhost\r\nContent-Type: {HOSTILE_UTF8}\r\nContent-Length: 0"),
            format!("Host: localhost\r\n{HOSTILE_UTF8}: 1"),
        ] {
            let request =
                format!("{method} {target} HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n");
            let _ = raw(at, request.as_bytes());
        }
    }
    for bytes in [
        "GET /\u{1b}[31m\u{85} HTTP/1.1\r\n\r\n",
        "\u{1b}\u{2028}\r\n\r\n",
    ] {
        let _ = raw(at, bytes.as_bytes());
    }
    let script =
        format!("print('{HOSTILE_UTF8}\\x1b\\n\\x85')\nraise ValueError('\\x1b\\n{HOSTILE_UTF8}')");
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"script\"; filename=\"{HOSTILE_UTF8}\"\r\n\r\n{script}\r\n--b--\r\n"
    );
    let head = format!(
        "POST /run_script HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = raw(at, format!("{head}{body}").as_bytes());
}

/// What is left is not in a text that is escaped.
fn assert_visible(text: &str, line: &str) {
    let raw = text.chars().find(|c| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    });
    assert_eq!(raw, None, "in {}", line.escape_debug());
}

fn assert_visible_json(value: &Value, line: &str) {
    match value {
        Value::String(text) => assert_visible(text, line),
        Value::Array(values) => values
            .iter()
            .for_each(|value| assert_visible_json(value, line)),
        Value::Object(fields) => fields
            .values()
            .for_each(|value| assert_visible_json(value, line)),
        _ => {}
    }
}

fn no_field_has_raw_control_characters() {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(log_hostile_fields());
}

async fn log_hostile_fields() {
    let (text, json) = logs();
    let recorder = Recorder::builder()
        .source(InvalidMetrics)
        .install()
        .unwrap();
    let with_recorder = || builder().config(MetricsConfig::new(recorder.clone()));
    let server = with_recorder().start().unwrap();
    let at = server.local_addr();
    let thread = |name: &str| {
        let builder = server.periodic_threads().builder(name);
        builder.interval(Duration::from_millis(10))
    };
    let _failing = thread("failing_thread").run(failing_thread).unwrap();
    let _panicking = thread("panicking_thread").run(panicking_thread).unwrap();
    tokio::task::spawn_blocking(move || ask_socket(at))
        .await
        .unwrap();
    let mut filter = warp::service(with_recorder().filter_or_404().unwrap());
    let mut service = with_recorder().service().unwrap();
    let built = with_recorder().build().unwrap();
    for (method, target) in requests() {
        let Ok(request) = Request::builder()
            .method(method)
            .uri(&target)
            .header("host", "localhost")
            .header("x-forwarded-for", HOSTILE_UTF8)
            .body(Full::new(Bytes::new()))
        else {
            continue;
        };
        let Ok::<_, Infallible>(_) = filter.call(request.clone()).await;
        let Ok::<_, Infallible>(_) = service.call(request).await;
        let method = method.parse().unwrap();
        let _ = built.test_client().request(method, &target).await;
    }
    poll_until("periodic threads", || {
        let text = text.text();
        let has = |name: &str| text.contains(&format!("periodic thread died thread={name}"));
        (text.contains("periodic thread failed") || has("panicking_thread")).then_some(())
    });
    drop(server);
    assert!(log_queue::flush(EVENT_TIMEOUT));
    let (text, json) = (text.text(), json.text());
    for expected in [
        "admin write",
        "request failed",
        "request refused",
        "answered",
        "periodic thread failed",
        "the status of an endpoint panicked",
        "cannot allow scripts to import",
        "connection error",
        "metrics source returned invalid lines",
    ] {
        assert!(text.contains(expected), "{expected} is missing");
    }
    for line in text.lines() {
        assert_visible(line, line);
        assert!(line.starts_with("20") && line.contains('Z'), "{line}");
    }
    for line in json.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_visible_json(&value, line);
    }
}
