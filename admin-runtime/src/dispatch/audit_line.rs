//! The audit log: one line for every request that may change something.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use http::StatusCode;

use super::RequestHead;
use crate::audit_log::{AuditEntry, AuditLog};
use crate::clock::Clock;
use crate::endpoint::Effect;
use crate::log_queue::EventScope;
use crate::request::{Audit, Caller, RequestId};
use crate::text::{excerpt, one_line};

/// Queued and kept when dropped, so that a request whose client has disconnected is recorded too.
pub(crate) struct AuditLine {
    /// Of the request: a line that is dropped later may be in another scope.
    scope: EventScope,
    log: AuditLog,
    time: SystemTime,
    who: String,
    what: String,
    effect: Effect,
    id: RequestId,
    audit: Audit,
    outcome: Option<StatusCode>,
}

/// Longest query that the line repeats, in characters.
const MAX_QUERY_CHARS: usize = 512;

/// Longest value before or after that is kept, in characters.
const MAX_KEPT_CHARS: usize = 512;

impl AuditLine {
    pub(crate) fn begin(
        log: &AuditLog,
        caller: &Caller,
        head: &RequestHead,
        effect: Effect,
        id: &RequestId,
    ) -> Self {
        let mut what = format!("{} {}", head.quoted_method(), head.quoted_path());
        if !head.query().is_empty() {
            what.push('?');
            what.push_str(&excerpt(head.query(), MAX_QUERY_CHARS).to_string());
        }
        let (who, id) = (one_line(caller), id.clone());
        Self {
            scope: EventScope::current(),
            log: log.clone(),
            time: Clock::system().wall(),
            who,
            what,
            effect,
            id,
            audit: Audit::default(),
            outcome: None,
        }
    }

    /// What the handler says about its change; shared with it.
    pub(crate) fn audit(&self) -> Audit {
        self.audit.clone()
    }

    pub(crate) fn end(&mut self, status: StatusCode) {
        self.outcome = Some(status);
    }
}

impl Drop for AuditLine {
    fn drop(&mut self) {
        let change = self.audit.recorded();
        let kept = |value: &str| excerpt(value, MAX_KEPT_CHARS).to_string();
        let entry = Arc::new(AuditEntry {
            time: self.time,
            who: mem::take(&mut self.who),
            what: mem::take(&mut self.what),
            effect: self.effect,
            change: change
                .as_ref()
                .map(|(before, after)| (kept(before), kept(after))),
            status: self.outcome,
            request_id: self.id.clone(),
        });
        self.log.push(Arc::clone(&entry));
        let change = change.map(|(before, after)| (one_line(before), one_line(after)));
        self.scope.emit(move || {
            let (before, after) = match &change {
                Some((before, after)) => (before.as_str(), after.as_str()),
                None => ("-", "-"),
            };
            tracing::info!(
                target: "admin_runtime::audit",
                who = entry.who,
                what = entry.what,
                effect = entry.effect.as_str(),
                before,
                after,
                outcome = %OutcomeText(entry.status),
                request_id = %entry.request_id,
                "admin write"
            );
        });
    }
}

struct OutcomeText(Option<StatusCode>);

impl fmt::Display for OutcomeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => status.as_u16().fmt(f),
            None => f.write_str("abandoned"),
        }
    }
}
