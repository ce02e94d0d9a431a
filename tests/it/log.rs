//! What the log says: one audit line for each write, causes of failures under the request's id.

use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use admin_runtime::log_queue;
use admin_tests::ask;

use crate::{builder, started};

/// Longer than the log takes on a machine that does other things too.
const EVENT_TIMEOUT: Duration = Duration::from_secs(60);

/// All that this process logs, from the first call on.
pub(crate) fn log() -> &'static Mutex<Vec<u8>> {
    static LOG: OnceLock<Mutex<Vec<u8>>> = OnceLock::new();
    LOG.get_or_init(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(|| ToLog)
            .init();
        Mutex::default()
    })
}

struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        log()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines about one request: all queued before its reply.
pub(crate) fn lines(id: &str) -> Vec<String> {
    assert!(log_queue::flush(EVENT_TIMEOUT));
    let log = log().lock().unwrap();
    let text = String::from_utf8_lossy(&log);
    text.lines()
        .filter(|line| line.contains(id))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_write_is_one_audit_line() {
    log();
    let server = started();
    for (id, method, target, origin, expected) in [
        (
            "w1",
            "POST",
            "/change",
            "X-No: 1",
            "what=\"POST /change\" effect=\"write\" before=\"-\" after=\"-\" outcome=204",
        ),
        (
            "w2",
            "GET",
            "/level?set=x%0Ay",
            "X-No: 1",
            "what=\"GET /level?set=x%0Ay\" effect=\"write\" before=\"old\" after=\"x\\\\ny\" outcome=200",
        ),
        (
            "w3",
            "POST",
            "/change",
            "Origin: http://evil.example",
            "outcome=403",
        ),
    ] {
        let id = format!("audit-{id}");
        let reply = ask(
            server.local_addr(),
            method,
            target,
            &[&format!("x-request-id: {id}"), origin],
        );
        assert!(reply.status < 500, "{reply:?}");
        let lines = lines(&id);
        let audit: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("admin_runtime::audit"))
            .collect();
        assert_eq!(audit.len(), 1, "{lines:?}");
        assert!(
            audit[0].contains(expected),
            "{expected} is not in {}",
            audit[0]
        );
        assert!(audit[0].contains("who=\"127.0.0.1:"), "{}", audit[0]);
    }
    let _ = ask(
        server.local_addr(),
        "GET",
        "/level",
        &["x-request-id: audit-read"],
    );
    assert!(lines("audit-read").is_empty(), "reads are not audited");
}

#[test]
fn who_is_the_name_that_was_authenticated() {
    log();
    let server = builder().token("ops", "s3cret").start().unwrap();
    let headers = ["x-request-id: audit-ops", "Authorization: Bearer s3cret"];
    let _ = ask(server.local_addr(), "POST", "/change", &headers);
    let lines = lines("audit-ops");
    assert!(
        lines.len() == 1 && lines[0].contains("who=\"ops@127.0.0.1:"),
        "{lines:?}"
    );
    assert!(!lines[0].contains("s3cret"), "{lines:?}");
}

#[test]
fn the_log_has_the_cause_under_the_id() {
    log();
    let server = started();
    for target in ["/panic", "/panic/sync", "/fail"] {
        let id = format!("cause-{}", target.replace('/', "-"));
        let _ = ask(
            server.local_addr(),
            "GET",
            target,
            &[&format!("x-request-id: {id}")],
        );
        let lines = lines(&format!("request_id={id} "));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("ERROR") && lines[0].contains("secret of /build/machine"));
    }
}
