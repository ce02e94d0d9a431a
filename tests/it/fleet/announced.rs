//! Processes that announce themselves.

use std::fs;
use std::time::Duration;

use admin_endpoints::fleet::{AnnounceError, FleetConfig, RunningAnnouncement, announce};
use admin_runtime::listener::Listener;
use admin_runtime::periodic::{Schedule, ThreadState};
use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{ask, ask_unix, poll_until};
use serde_json::json;

use super::{directory, names, put};
use crate::certificates::Authority;
use crate::endpoints::Name;
use crate::folder::Folder;
use crate::log::{lines, log};

/// Longer than anything takes on a machine that does other things too.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// A server that announces itself, with a name of its own for its metrics.
fn worker(name: &str) -> RunningServer {
    let server = AdminServer::builder().name(name).state(Name("one"));
    server.bind("127.0.0.1:0").start().expect("it starts")
}

/// Announces a server as `w1` and waits for the first answer.
fn announced(
    worker: &RunningServer,
    url: &str,
    set: impl FnOnce(
        admin_endpoints::fleet::AnnouncementBuilder,
    ) -> admin_endpoints::fleet::AnnouncementBuilder,
) -> (RunningAnnouncement, String) {
    let threads = worker.periodic_threads();
    let announcement = set(announce(url).name("w1"))
        .address(worker.local_addr().to_string())
        .label("role", "worker")
        .start(threads)
        .expect("it starts");
    let thread = threads.get("fleet-announcement").expect("a thread");
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs > 0));
    let message = thread.recent_runs()[0].message.clone();
    (announcement, message.to_string())
}

#[test]
fn instance_is_removed_when_it_stops() {
    let server = directory(FleetConfig::new());
    let worker = worker("announced");
    let url = format!("http://{}", server.local_addr());
    let (announcement, message) = announced(&worker, &url, |builder| builder);
    assert!(message.starts_with("registered until 20"), "{message}");
    assert_eq!(
        (announcement.name(), names(server.local_addr())),
        ("w1", vec!["w1".to_owned()])
    );
    drop(announcement);
    assert_eq!(names(server.local_addr()), [""; 0]);
    assert!(
        worker
            .periodic_threads()
            .get("fleet-announcement")
            .is_none()
    );
}

#[test]
fn refused_announcements_say_why() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    super::register(at, "w1", ([127, 0, 0, 1], 1).into());
    let worker = worker("refused");
    let (_announcement, message) = announced(&worker, &format!("http://{at}"), |builder| builder);
    assert!(
        message.contains("the directory answered 409: The name 'w1'"),
        "{message}"
    );
    let thread = worker.periodic_threads().get("fleet-announcement").unwrap();
    assert_eq!(thread.status().failed_runs, 1);
}

#[test]
fn successor_of_a_killed_process_waits() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let worker = worker("successor");
    let address = worker.local_addr().to_string();
    let killed = json!({"address": address, "ttl_seconds": 5, "boot_id": "killed"});
    let reply = put(at, "w1", &killed);
    assert_eq!(reply.status, 200, "{reply:?}");
    let (_announcement, message) = announced(&worker, &format!("http://{at}"), |builder| builder);
    assert!(message.starts_with("registered until"), "{message}");
    let thread = worker.periodic_threads().get("fleet-announcement").unwrap();
    assert_eq!(thread.status().failed_runs, 0);
}

#[test]
fn stop_ends_an_announcement_that_waits() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    super::register(at, "w1", ([127, 0, 0, 1], 1).into());
    let worker = worker("waits");
    let announcement = announce(format!("http://{at}"))
        .name("w1")
        .address(worker.local_addr().to_string())
        .interval(Duration::from_secs(1200))
        .start(worker.periodic_threads())
        .unwrap();
    let name = "fleet-announcement";
    let thread = worker.periodic_threads().get(name).unwrap();
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.state == ThreadState::Running));
    drop(announcement);
    // Its lease would end after ten minutes.
    poll_until("the end of the thread", || {
        worker.periodic_threads().get(name).is_none().then_some(())
    });
}

#[test]
fn directories_on_unix_sockets_are_reached() {
    let folder = Folder::new("fleet-unix");
    let socket = folder.socket();
    let server = AdminServer::builder()
        .state(Name("one"))
        .periodic(false)
        .config(FleetConfig::new())
        .listen(Listener::unix(&socket))
        .start()
        .unwrap();
    let worker = worker("unix");
    let url = format!("unix:{}", socket.display());
    let (announcement, _) = announced(&worker, &url, |builder| builder);
    let listed = || ask_unix(&socket, "GET", "/fleet/targets", &["Host: localhost"]).body;
    assert!(
        listed().contains("\"__meta_admin_label_role\":\"worker\""),
        "{}",
        listed()
    );
    drop(announcement);
    assert_eq!(listed(), "[]");
    server.stop();
}

#[test]
fn directories_with_tls_and_tokens_are_reached() {
    let folder = Folder::new("fleet-announce-tls");
    let authority = Authority::new("fleet");
    let (ca, token) = (folder.file("ca.pem"), folder.file("token"));
    fs::write(&ca, &authority.pem).unwrap();
    fs::write(&token, "# of the directory\nworkers write s3cret\n").unwrap();
    let (certificate, key) = authority.server().write(&folder.0, "directory");
    let server = AdminServer::builder()
        .state(Name("one"))
        .periodic(false)
        .config(FleetConfig::new())
        .token_file(&token)
        .listen(Listener::tcp("127.0.0.1:0").tls(certificate, key))
        .listen(Listener::unix(folder.socket()))
        .start()
        .unwrap();
    let url = format!("https://localhost:{}", server.local_addr().port());
    let headers = ["Host: localhost", "Authorization: Bearer s3cret"];
    let listed = || ask_unix(&folder.socket(), "GET", "/fleet/targets", &headers).body;

    let worker = worker("tls");
    let error = announce(&url)
        .address(worker.local_addr().to_string())
        .start(worker.periodic_threads())
        .unwrap_err();
    assert!(matches!(error, AnnounceError::Invalid(_)), "{error}");
    let (announcement, message) = announced(&worker, &url, |builder| builder.ca(&ca));
    assert!(
        message.contains("answered 401: give the announcement a token"),
        "{message}"
    );
    drop(announcement);
    let other = folder.file("other.pem");
    fs::write(&other, Authority::new("other").pem).unwrap();
    let (announcement, message) = announced(&worker, &url, |builder| {
        builder.ca(&other).token_file(&token)
    });
    assert!(message.contains("no TLS session: "), "{message}");
    drop(announcement);
    assert_eq!(listed(), "[]");
    let (announcement, message) =
        announced(&worker, &url, |builder| builder.ca(&ca).token_file(&token));
    assert!(message.starts_with("registered until"), "{message}");
    assert!(listed().contains("\"w1\""), "{}", listed());
    fs::remove_file(&token).unwrap();
    drop(announcement);
    assert_eq!(listed(), "[]", "the last token that was read is sent");
}

#[test]
fn token_that_is_missing_stays_in_use() {
    let folder = Folder::new("fleet-token");
    let token = folder.file("token");
    let builder = AdminServer::builder().state(Name("one")).periodic(false);
    let server = builder
        .config(FleetConfig::new())
        .token("workers", "s3cret");
    let server = server.bind("127.0.0.1:0").start().unwrap();
    let url = format!("http://{}", server.local_addr());
    let worker = worker("token");
    fs::write(&token, "workers write s3cret\nt0ken\n").unwrap();
    let error = announce(&url)
        .address(worker.local_addr().to_string())
        .token_file(&token)
        .start(worker.periodic_threads())
        .unwrap_err();
    let expected = "line 2 is not NAME EFFECT SECRET, three words";
    assert!(error.to_string().ends_with(expected), "{error}");

    fs::write(&token, "workers write s3cret\n").unwrap();
    let (_announcement, message) = announced(&worker, &url, |builder| {
        builder.token_file(&token).interval(Duration::from_secs(1))
    });
    assert!(message.starts_with("registered until"), "{message}");
    let thread = worker.periodic_threads().get("fleet-announcement").unwrap();
    let renew = || {
        let runs = thread.status().total_runs;
        // The run that has begun may have read the file before.
        assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs > runs + 1));
        assert_eq!(
            thread.status().failed_runs,
            0,
            "{:?}",
            thread.recent_runs()[0]
        );
    };
    fs::write(&token, "").unwrap();
    renew();
    fs::remove_file(&token).unwrap();
    renew();
}

#[test]
fn failed_announcements_are_repeated_within_the_interval() {
    let worker = worker("outage");
    // Nobody listens there.
    let (announcement, message) = announced(&worker, "http://127.0.0.1:1", |builder| builder);
    assert!(message.contains("no connection: "), "{message}");
    assert!(message.ends_with(" attempts)"), "{message}");
    let thread = worker.periodic_threads().get("fleet-announcement").unwrap();
    let settings = thread.settings();
    assert_eq!(settings.interval, Duration::from_secs(10));
    assert_eq!(
        (settings.backoff, settings.schedule),
        (None, Schedule::FixedRate)
    );
    drop(announcement);
}

#[test]
fn failed_removal_warns_only_after_a_lease() {
    log();
    let worker = worker("unremoved");
    // Nobody listens there.
    let (never, _) = announced(&worker, "http://127.0.0.1:1", |builder| {
        builder.name("never-registered")
    });
    drop(never);
    let server = directory(FleetConfig::new());
    let url = format!("http://{}", server.local_addr());
    let (registered, message) = announced(&worker, &url, |builder| builder.name("registered-once"));
    assert!(message.starts_with("registered until"), "{message}");
    server.stop();
    drop(registered);
    let warned = |name: &str| {
        let mut lines = lines(name).into_iter();
        lines.any(|line| line.contains("is not removed from the directory"))
    };
    assert!(warned("registered-once"));
    assert!(!warned("never-registered"));
}

#[test]
fn restarted_directory_is_filled_again() {
    let server = directory(FleetConfig::new());
    let at = server.local_addr();
    let worker = worker("refilled");
    let interval = Duration::from_secs(1);
    let url = format!("http://{at}");
    let (_announcement, _) = announced(&worker, &url, |builder| builder.interval(interval));
    server.stop();
    let again = AdminServer::builder()
        .state(Name("one"))
        .periodic(false)
        .config(FleetConfig::new())
        .bind(at)
        .start()
        .unwrap();
    let thread = worker.periodic_threads().get("fleet-announcement").unwrap();
    let runs = thread.status().total_runs;
    assert!(thread.wait_until(EVENT_TIMEOUT, |status| {
        let successes = status.total_runs - status.failed_runs;
        status.total_runs > runs && successes > 1 && status.consecutive_failures == 0
    }));
    assert_eq!(names(at), ["w1"]);
    assert_eq!(ask(at, "GET", "/fleet/health", &[]).status, 200);
    again.stop();
}
