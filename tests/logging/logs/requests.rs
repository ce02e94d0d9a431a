//! Parameters, limits, and how streams begin and end.

use std::io::Write;
use std::net::Shutdown;

use admin_runtime::AdminServer;
use admin_tests::{Case, ask, cases, connect, poll_until};
use serde_json::json;
use tracing::{debug, info};

use super::client::{Client, reset_at_close};
use super::process::process;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        invalid_parameters_are_refused,
        head_is_answered_at_once_and_holds_nothing,
        the_fifth_client_is_refused,
        each_client_has_its_own_filter,
        streams_end_in_time,
        streams_end_when_the_server_stops,
        a_half_closed_client_gets_its_records,
        clients_that_reconnect_leave_nothing_behind
    ]
}

fn invalid_parameters_are_refused() {
    let process = process();
    let same: String = (0..1_200).map(|_| "a=off,").collect();
    let long = format!("/logs?filter={}", "a=off,".repeat(10_000));
    assert_eq!(ask(process.at(), "GET", &long, &[]).status, 414);
    for (query, part) in [
        ("filter=info,cache=loud".to_owned(), "position 6"),
        ("filter=info,%20/a.*b/".to_owned(), "position 7"),
        ("filter=a%5Bspan%5D=debug".to_owned(), "position 1"),
        ("filter=off%20a=debug".to_owned(), "separated by commas"),
        ("filter=off;a=debug".to_owned(), "separated by commas"),
        ("filter=info,(a%7Cb)=debug".to_owned(), "position 6"),
        ("filter=5".to_owned(), "the level must be one of"),
        (format!("filter={same}x=loud"), "position 7201"),
        ("seconds=0".to_owned(), "1 to 3600"),
        ("seconds=3601".to_owned(), "1 to 3600"),
        ("limit=0".to_owned(), "at least 1"),
        ("tail=1001".to_owned(), "0 to 1000"),
        ("format=xml".to_owned(), "ndjson, sse or text"),
    ] {
        let reply = ask(process.at(), "GET", &format!("/logs?{query}"), &[]);
        assert_eq!(reply.status, 400, "{}", reply.body);
        assert!(reply.body.contains(part), "{}", reply.body);
    }
}

fn head_is_answered_at_once_and_holds_nothing() {
    let process = process();
    for _ in 0..20 {
        let reply = ask(process.at(), "HEAD", "/logs?seconds=3600", &[]);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), "application/x-ndjson");
    }
}

fn the_fifth_client_is_refused() {
    let process = process();
    let query = "filter=off,requests::many=info&seconds=60";
    let mut clients: Vec<_> = (0..4)
        .map(|_| Client::open(process.at(), query, &[]))
        .collect();
    let reply = ask(process.at(), "GET", "/logs", &[]);
    assert_eq!(reply.status, 429, "{}", reply.body);
    assert!(reply.header("retry-after").parse::<u64>().is_ok());
    info!(target: "requests::many", "to all");
    for client in &mut clients {
        assert_eq!(client.object().unwrap()["message"], "to all");
    }
    drop(clients);
    poll_until("the end of a stream", || {
        info!(target: "requests::many", "to whoever is there");
        let reply = ask(process.at(), "GET", "/logs?tail=1&limit=1", &[]);
        (reply.status == 200).then_some(())
    });
}

fn each_client_has_its_own_filter() {
    let process = process();
    let at = process.at();
    let mut verbose = Client::open(at, "filter=off,requests::a=debug&limit=2", &[]);
    let mut quiet = Client::open(at, "filter=off,requests::a=info&limit=1", &[]);
    debug!(target: "requests::a", "verbose");
    info!(target: "requests::a", "both");
    let messages = |client: &mut Client| -> Vec<_> {
        let objects = client.objects().into_iter();
        objects
            .filter_map(|object| Some(object.get("message")?.clone()))
            .collect()
    };
    assert_eq!(messages(&mut verbose), ["verbose", "both"]);
    assert_eq!(messages(&mut quiet), ["both"]);
}

fn streams_end_in_time() {
    let process = process();
    let mut client = Client::open(process.at(), "filter=off&seconds=1", &[]);
    assert_eq!(client.objects(), [json!({"end": "seconds"})]);
}

fn streams_end_when_the_server_stops() {
    process();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    let query = "filter=off,requests::stop=info&seconds=3600";
    let mut client = Client::open(server.local_addr(), query, &[]);
    info!(target: "requests::stop", "the last one");
    drop(server);
    let objects = client.objects();
    assert_eq!(objects[0]["message"], "the last one");
    assert_eq!(objects[1..], [json!({"end": "shutdown"})]);
}

fn a_half_closed_client_gets_its_records() {
    let process = process();
    let query = "filter=off,requests::half=info&limit=1";
    let mut client = Client::open(process.at(), query, &[]);
    client.socket().shutdown(Shutdown::Write).unwrap();
    info!(target: "requests::half", "still there");
    assert_eq!(client.object().unwrap()["message"], "still there");
    assert_eq!(client.objects(), [json!({"end": "limit"})]);
}

fn clients_that_reconnect_leave_nothing_behind() {
    let process = process();
    for _ in 0..1000 {
        let mut stream = connect(process.at());
        let request =
            "GET /logs?filter=requests::again=trace&seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        // Closing with unread bytes, or while they arrive, resets the connection.
        reset_at_close(&stream);
    }
    poll_until("all clients are gone", || {
        info!(target: "requests::again", "to whoever is there");
        let reply = ask(process.at(), "GET", "/logs?tail=1&limit=1", &[]);
        (reply.status == 200).then_some(())
    });
}
