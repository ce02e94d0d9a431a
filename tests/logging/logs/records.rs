//! What a record has.

use std::thread;

use admin_runtime::admin_endpoint;
use admin_tests::{Case, ask, cases};
use serde_json::json;
use tracing::{debug, error, info, info_span, trace, warn};

use super::client::Client;
use super::process::process;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        one_client_sees_debug_and_nobody_else,
        a_record_has_fields_spans_and_origin,
        errors_have_their_causes,
        omitted_spans_are_counted,
        handlers_log_their_request_id,
        records_of_log_are_streamed,
        secrets_are_masked,
        text_is_what_the_console_prints,
        event_streams_have_ids,
        kept_records_come_first
    ]
}

fn one_client_sees_debug_and_nobody_else() {
    let process = process();
    let mut client = Client::open(process.at(), "filter=records::one=debug&limit=1", &[]);
    process.take_output();
    trace!(target: "records::one", "too verbose");
    debug!(target: "records::other", "of another module");
    debug!(target: "records::one::inner", blocks = 7, "streamed");
    let record = client.object().unwrap();
    assert_eq!(record["message"], "streamed");
    assert_eq!(record["level"], "DEBUG");
    assert_eq!(record["target"], "records::one::inner");
    assert_eq!(record["fields"], json!({"blocks": 7}));
    assert_eq!(client.objects(), [json!({"end": "limit"})]);
    assert_eq!(process.take_output(), (String::new(), String::new()));
}

fn a_record_has_fields_spans_and_origin() {
    let process = process();
    // Before the client comes.
    let outer = info_span!("outer", id = 17, later = tracing::field::Empty);
    let query = "filter=off,records::full=trace&limit=1";
    let mut client = Client::open(process.at(), query, &[]);
    let name = "a worker with a long name";
    let worker = thread::Builder::new().name(name.to_owned());
    let line = line!() + 4;
    let body = move || {
        outer.record("later", "set");
        let _inner = outer.in_scope(|| info_span!("inner")).entered();
        warn!(target: "records::full", text = "a \"b\"", big = u128::MAX, float = 0.5, nan = f64::NAN,
            on = true, shown = %"x y", debug = ?Some(1), "done {}", 1 + 1);
    };
    worker.spawn(body).unwrap().join().unwrap();
    let line_of_record = client.line().unwrap();
    let record: serde_json::Value = serde_json::from_str(&line_of_record).unwrap();
    assert_eq!(record["message"], "done 2");
    assert_eq!(record["level"], "WARN");
    assert!(line_of_record.contains(r#""big":340282366920938463463374607431768211455,"#));
    let fields = &record["fields"];
    for (name, value) in [
        ("text", json!("a \"b\"")),
        ("float", json!(0.5)),
        ("nan", json!("NaN")),
        ("on", json!(true)),
        ("shown", json!("x y")),
        ("debug", json!("Some(1)")),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
    let spans = json!([
        {"name": "outer", "fields": {"id": 17, "later": "set"}},
        {"name": "inner", "fields": {}},
    ]);
    assert_eq!(record["spans"], spans);
    assert_eq!(record["thread"], name);
    assert!(record["file"].as_str().unwrap().ends_with("records.rs"));
    assert_eq!(record["line"], line);
    let time = record["time"].as_str().unwrap();
    assert_eq!(
        (time.len(), &time[19..20], &time[26..]),
        (27, ".", "Z"),
        "{time}"
    );
    let keys: Vec<_> = record.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 9, "{keys:?}");
}

fn errors_have_their_causes() {
    #[derive(Debug)]
    struct Failure(Option<Box<Self>>);
    impl std::fmt::Display for Failure {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(if self.0.is_some() {
                "outer"
            } else {
                "password=hunter2"
            })
        }
    }
    impl std::error::Error for Failure {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.0.as_deref().map(|cause| cause as _)
        }
    }
    let process = process();
    let failure = Failure(Some(Box::new(Failure(None))));
    let failure: &(dyn std::error::Error + 'static) = &failure;
    let query = "filter=off,records::errors=info&limit=1";
    let mut objects = Client::open(process.at(), query, &[]);
    let mut lines = Client::open(process.at(), &format!("{query}&format=text"), &[]);
    error!(target: "records::errors", error = failure, "failed");
    let fields = json!({"error": "outer", "error.sources": ["password=******"]});
    assert_eq!(objects.object().unwrap()["fields"], fields);
    let line = lines.line().unwrap();
    assert!(
        line.ends_with("failed error=outer error.sources=[password=******]"),
        "{line}"
    );
}

fn omitted_spans_are_counted() {
    let process = process();
    let query = "filter=off,records::deep=info&limit=1";
    let mut objects = Client::open(process.at(), query, &[]);
    let mut lines = Client::open(process.at(), &format!("{query}&format=text"), &[]);
    let spans: Vec<_> = (0..40)
        .map(|depth| info_span!("deep", depth).entered())
        .collect();
    info!(target: "records::deep", "deep");
    spans.into_iter().rev().for_each(drop);
    let record = objects.object().unwrap();
    let spans = record["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 33);
    assert_eq!(spans[0], json!({"name": "... (8 more)", "fields": {}}));
    assert_eq!(spans[1], json!({"name": "deep", "fields": {"depth": 8}}));
    let line = lines.line().unwrap();
    assert!(line.contains(" INFO ... (8 more):deep{depth=8}:"), "{line}");
}

#[admin_endpoint(path = "/records/async")]
async fn log_in_a_request() {
    info!(target: "records::request", "asynchronous");
    tokio::task::yield_now().await;
    info!(target: "records::request", request_id = "own", "named");
}

#[admin_endpoint(path = "/records/sync")]
fn log_in_a_blocking_request() {
    info!(target: "records::request", n = 1, "synchronous");
}

fn handlers_log_their_request_id() {
    let process = process();
    let query = "filter=off,records::request=info&limit=4";
    let mut client = Client::open(process.at(), query, &[]);
    for path in ["/records/async", "/records/sync"] {
        let reply = ask(process.at(), "GET", path, &["x-request-id: job-7"]);
        assert!((200..300).contains(&reply.status), "{}", reply.body);
    }
    info!(target: "records::request", "outside");
    let fields: Vec<_> = (0..4)
        .map(|_| client.object().unwrap()["fields"].clone())
        .collect();
    let expected = [
        json!({"request_id": "job-7"}),
        json!({"request_id": "own"}),
        json!({"n": 1, "request_id": "job-7"}),
        json!({}),
    ];
    assert_eq!(fields, expected);
}

fn records_of_log_are_streamed() {
    let process = process();
    let query = "filter=off,records::of_log=debug&limit=2";
    let mut client = Client::open(process.at(), query, &[]);
    process.take_output();
    assert!(log::log_enabled!(target: "records::of_log", log::Level::Debug));
    log::debug!(target: "records::of_log", "from log {}", 1);
    log::trace!(target: "records::of_log", "too verbose");
    log::info!(target: "records::of_log", "from log {}", 2);
    let record = client.object().unwrap();
    assert_eq!(record["message"], "from log 1");
    assert_eq!(record["target"], "records::of_log");
    assert_eq!(record["fields"], json!({}));
    assert!(record["file"].as_str().unwrap().ends_with("records.rs"));
    assert!(record["line"].is_u64());
    assert_eq!(client.object().unwrap()["level"], "INFO");
    let (console, _) = process.take_output();
    assert_eq!(console, " INFO records::of_log: from log 2\n");
}

fn secrets_are_masked() {
    let process = process();
    let query = "filter=off,records::secret=info&limit=1";
    let mut client = Client::open(process.at(), query, &[]);
    let _span = info_span!("login", password = "hunter2", user = "eva").entered();
    info!(target: "records::secret", api_token = "abc", pin_password = 1234, blocks = 3,
        url = "pg://app:hunter2@db/x", "sent Authorization: Bearer abcdefgh12345678");
    let text = client.line().unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(!text.contains("abcdefgh12345678"), "{text}");
    let fields = json!({
        "api_token": "******", "pin_password": "******", "blocks": 3,
        "url": "pg://app:******@db/x",
    });
    assert_eq!(record["fields"], fields);
    assert_eq!(
        record["spans"][0]["fields"],
        json!({"password": "******", "user": "eva"})
    );
}

fn text_is_what_the_console_prints() {
    let process = process();
    let query = "filter=off,records::text=info&limit=3&format=text";
    let mut client = Client::open(process.at(), query, &[]);
    assert!(
        client
            .head
            .contains("content-type: text/plain; charset=utf-8")
    );
    process.take_output();
    let span = info_span!("request", id = 7, path = "/a b");
    span.in_scope(|| {
        info_span!("step").in_scope(|| {
            info!(target: "records::text", blocks = 3, name = "x\ty", took = ?Some(1), "evicted");
        });
    });
    error!(target: "records::text", "plain");
    info!(target: "records::text", only = "fields");
    let (console, _) = process.take_output();
    for expected in console.lines() {
        let line = client.line().unwrap();
        let (time, rest) = line.split_at(28);
        assert!(time.ends_with("Z "), "{line}");
        assert_eq!(rest, expected);
    }
    assert_eq!(client.rest(), "{\"end\":\"limit\"}\n");
}

fn event_streams_have_ids() {
    let process = process();
    let query = "filter=off,records::sse=info&limit=2";
    let mut client = Client::open(process.at(), query, &["Accept: text/event-stream"]);
    assert!(
        client.head.contains("content-type: text/event-stream"),
        "{}",
        client.head
    );
    info!(target: "records::sse", "one\ntwo");
    info!(target: "records::sse", "three");
    let text = client.rest();
    let events: Vec<_> = text.split("\n\n").collect();
    assert_eq!(events[0], "retry: 2000");
    let mut ids = Vec::new();
    for (event, message) in events[1..3].iter().zip(["one\ntwo", "three"]) {
        let (id, data) = event.split_once('\n').unwrap();
        ids.push(id.strip_prefix("id: ").unwrap().parse::<u64>().unwrap());
        let record: serde_json::Value =
            serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(record["message"], message);
    }
    assert!(ids[0] < ids[1], "{ids:?}");
    assert_eq!(&events[3..], ["data: {\"end\":\"limit\"}", ""]);
}

fn kept_records_come_first() {
    let process = process();
    for number in 0..5 {
        info!(target: "records::kept", number, "kept");
        debug!(target: "records::kept", number, "not kept");
    }
    let query = "filter=off,records::kept=debug&tail=3&limit=4";
    let mut client = Client::open(process.at(), query, &[]);
    info!(target: "records::kept", number = 5, "live");
    let numbers: Vec<_> = (0..4)
        .map(|_| client.object().unwrap()["fields"]["number"].clone())
        .collect();
    assert_eq!(numbers, [2, 3, 4, 5]);
}
