//! The last requests that could change something.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use http::StatusCode;

use crate::endpoint::Effect;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext, RequestId};
use crate::response::AdminError;
use crate::sync::lock;

/// The last [`CAPACITY`](Self::CAPACITY) audit lines of a server, refused requests included.
///
/// Each request with effect `write` or `dangerous` is one entry, and one log line (target
/// `admin_runtime::audit`), unless it succeeds and its handler says that it has changed nothing
/// ([`Audit::no_change`](crate::Audit::no_change)). Whatever is refused, the last 768 permitted requests stay, and 128 refused
/// ones of known callers, so that a client without rights cannot remove what others did last. A
/// handler takes it as an argument.
///
/// ```standalone_crate
/// use admin_runtime::introspect::AuditLog;
/// use admin_runtime::{AdminServer, Audit, admin_endpoint};
///
/// #[admin_endpoint(method = "POST", path = "/jobs")]
/// async fn set_jobs(most: u64, audit: Audit) {
///     audit.change(4, most);
/// }
///
/// #[admin_endpoint(path = "/last", sensitive = true)]
/// async fn last(log: AuditLog) -> String {
///     assert!(format!("{log:?}").contains("1 entries"));
///     let entries = log.entries(); // newest first
///     let [entry] = entries.as_slice() else { return "more than one".into() };
///     assert_eq!((entry.effect().as_str(), entry.before(), entry.after()), ("write", Some("4"), Some("9")));
///     assert!(entry.who() == "unknown" && entry.time() > std::time::UNIX_EPOCH);
///     format!("{}: {:?} {}", entry.what(), entry.status(), entry.request_id())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// server.test_client().post("/jobs?most=9").header("x-request-id", "r-7").await;
/// assert_eq!(server.test_client().get("/last").await.text(), "POST /jobs?most=9: Some(204) r-7");
/// assert_eq!(AuditLog::CAPACITY, 1024);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct AuditLog(Arc<Mutex<AuditRings>>);

/// Whose requests replace which entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditedCaller {
    /// The guards have accepted the request.
    Permitted,
    /// It was refused, and the caller has proved who it is.
    RefusedKnown,
    /// It was refused, and came from a caller without credentials or from another origin.
    RefusedUnknown,
}

/// The entries of each kind of caller, oldest first, with their numbers.
#[derive(Default)]
struct AuditRings {
    rings: [VecDeque<(u64, Arc<AuditEntry>)>; 3],
    next_number: u64,
}

/// One request that could change something.
///
/// ```
/// use admin_runtime::introspect::AuditEntry;
///
/// /// A line for an operator.
/// fn line(entry: &AuditEntry) -> String {
///     let change = (entry.before().unwrap_or("-"), entry.after().unwrap_or("-"));
///     let status = entry.status().map_or("abandoned".to_owned(), |status| status.to_string());
///     let age = entry.time().elapsed().unwrap_or_default().as_secs();
///     let (who, what, effect) = (entry.who(), entry.what(), entry.effect());
///     format!("{age} s ago: {who} {what} ({effect}) {change:?} {status} {}", entry.request_id())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub(crate) time: SystemTime,
    pub(crate) who: String,
    pub(crate) what: String,
    pub(crate) effect: Effect,
    pub(crate) change: Option<(String, String)>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: RequestId,
}

impl AuditLog {
    /// How many entries are kept.
    pub const CAPACITY: usize = 1024;

    /// How many entries of each kind of refused requests are returned, however many others there are.
    const MIN_REFUSED: usize = 128;

    /// The entries, newest first; at most [`CAPACITY`](Self::CAPACITY). The last 768 of requests that
    /// were not refused are always among them.
    #[must_use]
    pub fn entries(&self) -> Vec<Arc<AuditEntry>> {
        let log = lock(&self.0);
        let [permitted, known, unknown] = &log.rings;
        let reserved = |ring: &VecDeque<_>| ring.len().min(Self::MIN_REFUSED);
        let mut free = Self::CAPACITY;
        let mut entries = Vec::new();
        for (ring, reserved) in [
            (permitted, reserved(known) + reserved(unknown)),
            (known, reserved(unknown)),
            (unknown, 0),
        ] {
            let taken = ring.len().min(free - reserved);
            free -= taken;
            entries.extend(ring.iter().rev().take(taken).cloned());
        }
        drop(log);
        entries.sort_unstable_by_key(|(number, _)| Reverse(*number));
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    pub(crate) fn push(&self, caller: AuditedCaller, entry: Arc<AuditEntry>) {
        let mut log = lock(&self.0);
        let number = log.next_number;
        log.next_number += 1;
        let entries = &mut log.rings[caller as usize];
        let oldest = if entries.len() == Self::CAPACITY {
            entries.pop_front()
        } else {
            None
        };
        entries.push_back((number, entry));
        drop(log);
        drop(oldest); // outside the lock
    }
}

impl AuditEntry {
    /// When the request began.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// The caller: `ops@127.0.0.1:5555`, as [`Caller`](crate::Caller) displays it.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Method, path as sent, and query, shortened.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What the request could change.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The value before, if the handler has said so with [`Audit::change`](crate::Audit::change).
    #[must_use]
    pub fn before(&self) -> Option<&str> {
        self.change.as_ref().map(|(before, _)| before.as_str())
    }

    /// The value after it.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        self.change.as_ref().map(|(_, after)| after.as_str())
    }

    /// The status of the reply; `None` if the client went away before there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status.map(|status| status.as_u16())
    }

    /// The id of the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.request_id.as_str()
    }
}

impl Extractor for AuditLog {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(request.service::<Self>().clone())
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: usize = lock(&self.0).rings.iter().map(VecDeque::len).sum();
        write!(f, "AuditLog({entries} entries)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn push(log: &AuditLog, caller: AuditedCaller, what: impl ToString) {
        let entry = AuditEntry {
            time: UNIX_EPOCH,
            who: String::new(),
            what: what.to_string(),
            effect: Effect::Write,
            change: None,
            status: None,
            request_id: RequestId::default(),
        };
        log.push(caller, Arc::new(entry));
    }

    #[test]
    fn the_oldest_entries_are_replaced() {
        for caller in [
            AuditedCaller::Permitted,
            AuditedCaller::RefusedKnown,
            AuditedCaller::RefusedUnknown,
        ] {
            let log = AuditLog::default();
            for number in 0..AuditLog::CAPACITY + 5 {
                push(&log, caller, number);
            }
            let entries = log.entries();
            assert_eq!(entries.len(), AuditLog::CAPACITY);
            assert_eq!(entries[0].what(), (AuditLog::CAPACITY + 4).to_string());
            assert_eq!(entries.last().unwrap().what(), "5");
        }
    }

    #[test]
    fn refused_requests_never_replace_others() {
        let log = AuditLog::default();
        push(&log, AuditedCaller::Permitted, "script");
        push(&log, AuditedCaller::RefusedKnown, "scraper");
        for number in 0..2 * AuditLog::CAPACITY {
            push(&log, AuditedCaller::RefusedUnknown, number);
        }
        let entries = log.entries();
        assert_eq!(entries.len(), AuditLog::CAPACITY);
        let oldest: Vec<_> = entries
            .iter()
            .rev()
            .take(2)
            .map(|entry| entry.what())
            .collect();
        assert_eq!(oldest, ["script", "scraper"]);
        for number in 0..2 * AuditLog::CAPACITY {
            push(&log, AuditedCaller::RefusedKnown, number);
        }
        let entries = log.entries();
        assert_eq!(entries.last().unwrap().what(), "script");
    }

    #[test]
    fn each_kind_has_room_among_many() {
        let log = AuditLog::default();
        for number in 0..AuditLog::CAPACITY {
            push(&log, AuditedCaller::RefusedKnown, "known");
            push(&log, AuditedCaller::RefusedUnknown, "unknown");
            push(
                &log,
                AuditedCaller::Permitted,
                format!("permitted {number}"),
            );
        }
        let entries = log.entries();
        let count = |what: &str| {
            entries
                .iter()
                .filter(|entry| entry.what().starts_with(what))
                .count()
        };
        let counts = (count("permitted"), count("known"), count("unknown"));
        assert_eq!(counts, (768, 128, 128));
        assert_eq!(entries[0].what(), "permitted 1023");
    }
}
