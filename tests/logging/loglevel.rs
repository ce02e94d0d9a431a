//! `/loglevel` over real sockets with curl: its replies, and what two layers then write.

use std::sync::LazyLock;

use admin_endpoints::loglevel::{LogFacade, LogLevels};
use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{CapturedLog, Case, Reply, cases};
use serde_json::json;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        debug_events_are_written_while_debug_is_set,
        replies_are_those_of_the_documentation,
        invalid_level_is_repeated_and_changes_nothing,
        level_names_of_python_are_accepted,
        both_separators_find_the_logger,
        loggers_are_discovered_through_tracing_and_log,
        invalid_requests_say_why,
        put_replies_with_the_previous_level,
        put_with_a_body_says_where_values_belong,
        delete_of_an_unknown_logger_adds_none,
        name_with_a_blank_inside_can_be_set,
        empty_name_lists_all,
        timed_level_can_be_ended_early,
        timed_level_ends_by_itself,
        every_set_is_guarded_as_a_write,
        every_set_writes_one_audit_line
    ]
}

/// The one subscriber, levels and server of this process.
struct Process {
    console: CapturedLog,
    json: CapturedLog,
    server: RunningServer,
}

static PROCESS: LazyLock<Process> = LazyLock::new(|| {
    let (console, json) = (CapturedLog::default(), CapturedLog::default());
    let (console_writer, json_writer) = (console.clone(), json.clone());
    let levels = LogLevels::from_spec("info,spec.quiet=error").expect("a start value");
    tracing_subscriber::registry()
        .with(
            layer()
                .with_ansi(false)
                .with_writer(move || console_writer.clone()),
        )
        .with(levels.filter())
        .with(layer().json().with_writer(move || json_writer.clone()))
        .init();
    assert_eq!(levels.install(), Ok(LogFacade::Bridged));
    let server = AdminServer::builder()
        .bind("127.0.0.1:0")
        .start()
        .expect("a server");
    Process {
        console,
        json,
        server,
    }
});

fn curl(arguments: &[&str], target: &str) -> Reply {
    let url = format!("http://{}{target}", PROCESS.server.local_addr());
    admin_tests::curl(arguments, &url)
}

/// The body of a plain GET that succeeds.
fn get(target: &str) -> String {
    let reply = curl(&[], target);
    assert_eq!(reply.status, 200, "{target}: {}", reply.body);
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    reply.body
}

/// The body of a plain GET that is refused with 400.
fn refused(target: &str) -> String {
    let reply = curl(&[], target);
    assert_eq!(reply.status, 400, "{target}: {}", reply.body);
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    reply.body
}

/// Whether a marker was written: by both layers, or by neither.
fn is_written(marker: &str) -> bool {
    let by = [&PROCESS.console, &PROCESS.json].map(|output| output.text().contains(marker));
    assert_eq!(by[0], by[1], "{marker} is written by all layers or by none");
    by[0]
}

mod engine {
    pub(super) fn trace(marker: &str) {
        tracing::debug!(marker);
    }

    pub(super) fn log(marker: &str) {
        log::debug!("{marker}");
    }
}

/// Sets a logger to DEBUG and back, and checks that its event is written only in between.
fn check_written_while_debug(logger: &str, kind: &str, event: impl Fn(&str)) {
    LazyLock::force(&PROCESS);
    event(&format!("{kind}-before"));
    assert_eq!(
        get(&format!("/loglevel?logger_name={logger}&level=DEBUG")),
        format!("Set {logger} level to DEBUG (including all handlers)")
    );
    event(&format!("{kind}-during"));
    assert_eq!(
        get(&format!("/loglevel?logger_name={logger}&level=NOTSET")),
        format!("Set {logger} level to NOTSET (including all handlers)")
    );
    event(&format!("{kind}-after"));
    let seen = ["before", "during", "after"].map(|when| is_written(&format!("{kind}-{when}")));
    assert_eq!(seen, [false, true, false], "{kind}");
}

fn debug_events_are_written_while_debug_is_set() {
    check_written_while_debug("lmcache.v1.cache_engine", "dotted", |marker| {
        tracing::debug!(target: "lmcache.v1.cache_engine", marker);
    });
    check_written_while_debug("logging::loglevel::engine", "module", engine::trace);
    check_written_while_debug("lmcache.v1.log_engine", "dotted-log", |marker| {
        log::debug!(target: "lmcache.v1.log_engine", "{marker}");
    });
    check_written_while_debug("logging.loglevel.engine", "module-log", engine::log);
    check_written_while_debug("lmcache.v1.fam*", "family", |marker| {
        tracing::debug!(target: "lmcache::v1::family::deep", marker);
    });
    let line = PROCESS.console.wait_for_line(&["module-log-during"]);
    assert!(
        line.contains("DEBUG logging::loglevel::engine: module-log-during"),
        "{line}"
    );
}

fn replies_are_those_of_the_documentation() {
    let name = "lmcache.v1.documented";
    assert_eq!(
        get(&format!("/loglevel?logger_name={name}")),
        format!("{name}: INFO")
    );
    assert_eq!(
        get(&format!("/loglevel?logger_name={name}&level=warning")),
        format!("Set {name} level to WARNING (including all handlers)")
    );
    assert_eq!(
        get(&format!("/loglevel?logger_name={name}")),
        format!("{name}: WARNING")
    );
    let list = get("/loglevel");
    assert!(list.starts_with("=== Loggers and Levels ===\n"), "{list}");
    assert!(list.contains(&format!("\n{name}: WARNING\n")), "{list}");
    assert!(
        list.contains("\nspec.quiet: ERROR\n") && list.contains("\nroot: INFO\n"),
        "{list}"
    );
    assert!(list.ends_with('\n') && !list.ends_with("\n\n"), "{list}");
    let lines: Vec<_> = list.lines().skip(1).collect();
    assert!(
        lines.is_sorted_by_key(|line| line.split_once(": ")),
        "{list}"
    );
}

fn invalid_level_is_repeated_and_changes_nothing() {
    get("/loglevel?logger_name=bad.level&level=ERROR");
    for (sent, echoed) in [
        ("INVALID_LEVEL", "INVALID_LEVEL"),
        ("", ""),
        ("a%20b", "a b"),
    ] {
        let body = refused(&format!("/loglevel?logger_name=bad.level&level={sent}"));
        assert_eq!(body, format!("Invalid log level: {echoed}"));
    }
    assert_eq!(get("/loglevel?logger_name=bad.level"), "bad.level: ERROR");
}

fn level_names_of_python_are_accepted() {
    for (word, printed, level) in [
        ("critical", "ERROR", "ERROR"),
        ("Fatal", "ERROR", "ERROR"),
        ("warn", "WARNING", "WARNING"),
        ("off", "OFF", "OFF"),
        ("trace", "TRACE", "TRACE"),
        ("notset", "NOTSET", "INFO"),
    ] {
        assert_eq!(
            get(&format!("/loglevel?logger_name=python.words&level={word}")),
            format!("Set python.words level to {printed} (including all handlers)")
        );
        assert_eq!(
            get("/loglevel?logger_name=python.words"),
            format!("python.words: {level}")
        );
        assert!(get("/loglevel").contains(&format!("\npython.words: {level}\n")));
    }
}

fn both_separators_find_the_logger() {
    LazyLock::force(&PROCESS);
    tracing::info!(target: "seen::first::so", "hello");
    get("/loglevel?logger_name=seen.first.so&level=ERROR");
    assert_eq!(
        get("/loglevel?logger_name=seen.first.so"),
        "seen.first.so: ERROR"
    );
    assert_eq!(
        get("/loglevel?logger_name=seen::first::so"),
        "seen::first::so: ERROR"
    );
    let list = get("/loglevel");
    assert!(list.contains("\nseen::first::so: ERROR\n") && !list.contains("seen.first.so"));
}

fn loggers_are_discovered_through_tracing_and_log() {
    LazyLock::force(&PROCESS);
    tracing::info!(target: "found::by::tracing", "hello");
    log::info!(target: "found::by::log", "hello");
    let list = get("/loglevel");
    assert!(list.contains("\nfound::by::tracing: INFO\n"), "{list}");
    assert!(list.contains("\nfound::by::log: INFO\n"), "{list}");
    assert!(!list.contains("\nlog: "), "{list}");
}

fn invalid_requests_say_why() {
    assert!(refused("/loglevel?level=DEBUG").starts_with("Missing parameter 'logger_name'"));
    assert!(refused("/loglevel?logger_name=a&ttl=1m").starts_with("Missing parameter 'level'"));
    assert!(refused("/loglevel?logger_name=a%0Ab&level=DEBUG").contains("control character"));
    assert!(refused("/loglevel?logger_name=a*b&level=DEBUG").contains("not at its end"));
    let long = "x".repeat(513);
    let body = refused(&format!("/loglevel?logger_name={long}&level=DEBUG"));
    assert_eq!(
        body,
        "Invalid logger name: 513 bytes, at most 512 are allowed"
    );
    let body = refused("/loglevel?logger_name=bad.ttl&level=DEBUG&ttl=soon");
    assert!(
        body.starts_with("Invalid ttl: soon (give a number with a unit"),
        "{body}"
    );
    assert!(refused("/loglevel?format=xml").contains("text or json"));
    for name in [
        "%20",
        "%20a",
        "a%09",
        "a%20",
        "%E2%80%AEa",
        "a%E2%80%8Bb",
        "%C2%A0",
    ] {
        let body = refused(&format!("/loglevel?logger_name={name}&level=DEBUG"));
        assert!(body.starts_with("Invalid logger name: `"), "{body}");
        assert!(body.is_ascii() && !body.contains('\t'), "{body}");
    }
    for target in ["/loglevel", "/loglevel?logger_name=a&lease=1"] {
        let reply = curl(&["-X", "DELETE"], target);
        assert_eq!(reply.status, 400);
        assert!(
            reply.body.starts_with("Give one of 'logger_name'"),
            "{}",
            reply.body
        );
    }
    assert!(!get("/loglevel").contains("bad.ttl"));
}

fn put_replies_with_the_previous_level() {
    let reply = curl(&["-X", "PUT"], "/loglevel?logger_name=put.it&level=debug");
    assert_eq!(
        reply.body,
        "Set put.it level to DEBUG (including all handlers)"
    );
    assert_eq!(
        (reply.status, reply.header("x-previous-level")),
        (200, "INFO")
    );
    let reply = curl(
        &["-X", "PUT"],
        "/loglevel?logger_name=put.it&level=warn&format=json",
    );
    assert_eq!(reply.header("x-previous-level"), "DEBUG");
    assert_eq!(
        reply.json(),
        json!({
            "logger": "put.it", "level": "WARNING", "lease": null, "hidden": false,
            "previous": {"configured": "DEBUG", "effective": "DEBUG"},
            "current": {"configured": "WARNING", "effective": "WARNING"},
        })
    );
    let reply = curl(&["-X", "DELETE"], "/loglevel?logger_name=put.it");
    assert_eq!(
        reply.body,
        "Set put.it level to NOTSET (including all handlers)"
    );
    assert_eq!(reply.header("x-previous-level"), "WARNING");
    assert_eq!(get("/loglevel?logger_name=put.it"), "put.it: INFO");
    assert_eq!(
        curl(&["-X", "PUT"], "/loglevel?logger_name=put.it").status,
        400
    );
}

fn put_with_a_body_says_where_values_belong() {
    let form = ["-X", "PUT", "-d", "logger_name=in.body&level=DEBUG"];
    let json = [
        "-X",
        "PUT",
        "--json",
        r#"{"logger_name": "in.body", "level": "DEBUG"}"#,
    ];
    for arguments in [&form[..], &json] {
        let reply = curl(arguments, "/loglevel");
        assert_eq!(reply.status, 400);
        let expected = "Missing parameter 'logger_name': expected a logger such as a.b or a::b, \
                        root, or a family such as a.b* (in the query of the URL, not in the body)";
        assert_eq!(reply.body, expected);
    }
    assert!(!get("/loglevel").contains("in.body"));
}

fn delete_of_an_unknown_logger_adds_none() {
    for name in ["no.such.logger", "no.such*"] {
        let reply = curl(&["-X", "DELETE"], &format!("/loglevel?logger_name={name}"));
        assert_eq!(reply.status, 404);
        let expected = format!("No such logger: {name} (GET /loglevel lists all)");
        assert_eq!(reply.body, expected);
    }
    assert!(!get("/loglevel").contains("no.such"));

    LazyLock::force(&PROCESS);
    tracing::info!(target: "only::logged::to", "hello");
    let reply = curl(&["-X", "DELETE"], "/loglevel?logger_name=only.logged.to");
    assert_eq!(reply.status, 200, "{}", reply.body);
}

fn name_with_a_blank_inside_can_be_set() {
    let target = "/loglevel?logger_name=my%20logger&level=DEBUG";
    let expected = "Set my logger level to DEBUG (including all handlers)";
    assert_eq!(get(target), expected);
    assert_eq!(get("/loglevel?logger_name=my%20logger"), "my logger: DEBUG");
}

fn empty_name_lists_all() {
    assert!(get("/loglevel?logger_name=").starts_with("=== Loggers and Levels ===\n"));
}

fn timed_level_can_be_ended_early() {
    let target = "/loglevel?logger_name=timed.shown&level=DEBUG&ttl=10m";
    let reply = curl(&["-X", "PUT"], target);
    let lease = reply.header("x-lease-id").to_owned();
    let shown = curl(&[], "/loglevel?logger_name=timed.shown&format=json").json();
    assert_eq!(shown["effective"], "DEBUG");
    assert_eq!(shown["parent"], "root");
    assert_eq!(shown["leases"][0]["id"].to_string(), lease);
    let ends_in = shown["leases"][0]["ends_in"].as_f64().expect("seconds");
    assert!((0.0..=600.0).contains(&ends_in));
    let by = shown["changed"]["by"].as_str().expect("a caller");
    assert!(by.starts_with("127.0.0.1:"), "{by}");

    let all = curl(&[], "/loglevel?format=json").json();
    assert_eq!(all["log_facade"], "bridged");
    let all = all["loggers"].as_array().expect("loggers");
    assert!(all.iter().any(|logger| logger["name"] == "timed.shown"));

    let ended = curl(&["-X", "DELETE"], &format!("/loglevel?lease={lease}"));
    assert_eq!(ended.body, format!("Ended lease {lease} of timed.shown"));
    assert_eq!(
        get("/loglevel?logger_name=timed.shown"),
        "timed.shown: INFO"
    );
    let again = curl(&["-X", "DELETE"], &format!("/loglevel?lease={lease}"));
    assert_eq!(again.status, 404);
    assert_eq!(
        again.body,
        format!("No such lease: {lease} (it may have ended already)")
    );
}

fn timed_level_ends_by_itself() {
    let reply = curl(
        &["-X", "PUT"],
        "/loglevel?logger_name=timed.out&level=DEBUG&ttl=50ms&format=json",
    );
    let lease = &reply.json()["lease"]["id"];
    let parts = [
        "a timed log level ended",
        "logger=timed.out",
        &format!("lease={lease} "),
    ];
    PROCESS.console.wait_for_line(&parts);
    assert_eq!(get("/loglevel?logger_name=timed.out"), "timed.out: INFO");
}

fn every_set_is_guarded_as_a_write() {
    let evil = ["-H", "Origin: http://evil.example"];
    let target = "/loglevel?logger_name=cross.site&level=DEBUG";
    assert_eq!(curl(&evil, target).status, 403);
    assert_eq!(
        curl(&["-H", "Sec-Fetch-Site: cross-site"], target).status,
        403
    );
    for method in ["PUT", "DELETE"] {
        assert_eq!(
            curl(&[&evil[..], &["-X", method]].concat(), target).status,
            403
        );
    }
    assert!(!get("/loglevel").contains("cross.site"));
    assert_eq!(curl(&evil, "/loglevel?logger_name=cross.site").status, 200);
}

fn every_set_writes_one_audit_line() {
    get("/loglevel?logger_name=admin_runtime&level=OFF");
    curl(
        &["-X", "PUT"],
        "/loglevel?logger_name=audited&level=DEBUG&ttl=5m",
    );
    let line = PROCESS
        .console
        .wait_for_line(&["admin write", "logger_name=audited&level=DEBUG"]);
    assert!(
        line.contains("what=\"PUT /loglevel?logger_name=audited"),
        "{line}"
    );
    assert!(line.contains("who=\"127.0.0.1:"), "{line}");
    assert!(
        line.contains("before=\"NOTSET (inherits INFO)\" after=\"DEBUG until 20"),
        "{line}"
    );
    assert!(line.contains("outcome=200"), "{line}");
    let body = refused("/loglevel?logger_name=admin_runtime.audit&level=OFF");
    assert!(
        body.starts_with("The audit log cannot be less verbose"),
        "{body}"
    );
    get("/loglevel?logger_name=admin_runtime&level=NOTSET");
    assert_eq!(
        PROCESS
            .console
            .text()
            .matches("logger_name=audited&")
            .count(),
        1
    );
}
