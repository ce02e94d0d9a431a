//! `GET /audit`: the last requests that could change something, refused ones included.
//!
//! The same is in the program's log, one line each, with the target `admin_runtime::audit`; the log is
//! complete, this route has the last 1,024. Refused requests replace only refused ones, and those without
//! credentials only each other: nobody can push out what others did. Secrets are masked by the rules of
//! `/env`, in the log too. It is sensitive: beyond loopback it needs credentials.

use std::sync::Arc;

use admin_runtime::describe::Effect;
use admin_runtime::introspect::{AuditEntry, AuditLog};
use admin_runtime::{Param, Pretty, admin_endpoint};
use serde::Serialize;

use crate::rfc3339;

/// The reply of `GET /audit`.
///
/// ```
/// use admin_endpoints::audit::AuditReport;
///
/// let report = AuditReport::default();
/// assert_eq!(serde_json::to_string(&report)?, r#"{"entries":[]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// The requests, newest first.
    pub entries: Vec<ReportedEntry>,
}

/// A request that could change something.
///
/// ```
/// use admin_endpoints::audit::{AuditReport, ReportedEntry};
///
/// /// How many requests were refused.
/// fn refused(report: &AuditReport) -> usize {
///     let is_refused = |entry: &&ReportedEntry| entry.status == Some(403);
///     report.entries.iter().filter(is_refused).count()
/// }
/// assert_eq!(refused(&AuditReport::default()), 0);
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ReportedEntry {
    /// When the request began: RFC 3339 in UTC, with milliseconds.
    pub time: String,
    /// The caller: `ops@127.0.0.1:5555`.
    pub who: String,
    /// Method, path as sent, and query, shortened.
    pub what: String,
    /// `write` or `dangerous`.
    pub effect: &'static str,
    /// The value before; `null` if the endpoint does not say.
    pub before: Option<String>,
    /// The value after it.
    pub after: Option<String>,
    /// The status of the reply; `null` if the client went away before there was one.
    pub status: Option<u16>,
    /// The id of the request, as in `x-request-id` and in the log.
    pub request_id: String,
}

/// An effect of which requests are recorded.
struct RecordedEffect(Effect);

impl Param for RecordedEffect {
    const EXPECTED: &'static str = "write or dangerous";

    fn parse(text: &str) -> Option<Self> {
        let recorded = [Effect::Write, Effect::Dangerous];
        let found = recorded
            .into_iter()
            .find(|effect| effect.as_str().eq_ignore_ascii_case(text));
        found.map(Self)
    }
}

/// Get the last requests that could change something, newest first, refused ones included.
#[admin_endpoint(
    path = "/audit",
    runtime = "admin",
    sensitive = true,
    deny_unknown = true
)]
async fn audit(
    log: AuditLog,
    /// At most this many entries
    limit: Option<usize>,
    /// Only requests of this effect
    effect: Option<RecordedEffect>,
    /// Only callers whose text contains this
    who: Option<String>,
) -> Pretty<AuditReport> {
    let entries = log.entries().into_iter();
    let entries = entries.filter(|entry| {
        effect
            .as_ref()
            .is_none_or(|effect| effect.0 == entry.effect())
            && who.as_ref().is_none_or(|who| entry.who().contains(who))
    });
    let entries = entries.take(limit.unwrap_or(usize::MAX));
    Pretty(AuditReport {
        entries: entries.map(|entry| reported(&entry)).collect(),
    })
}

fn reported(entry: &Arc<AuditEntry>) -> ReportedEntry {
    ReportedEntry {
        time: humantime::format_rfc3339_millis(rfc3339::nearest(entry.time())).to_string(),
        who: entry.who().to_owned(),
        what: entry.what().to_owned(),
        effect: entry.effect().as_str(),
        before: entry.before().map(str::to_owned),
        after: entry.after().map(str::to_owned),
        status: entry.status(),
        request_id: entry.request_id().to_owned(),
    }
}
