//! The audit log: one line for every request that may change something.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::StatusCode;
use tracing::Level;

use super::RequestHead;
use super::audited_target::{AuditedTarget, mask};
use crate::audit_log::{AuditEntry, AuditedCaller};
use crate::clock::Clock;
use crate::endpoint::Effect;
use crate::log_queue::EventScope;
use crate::request::{Audit, Caller, RequestId};
use crate::server_context::{ServedEndpoint, ServerContext};
use crate::text::{excerpt, one_line};

/// Queued and kept when dropped, so that a request whose client has disconnected is recorded too.
pub(crate) struct AuditLine {
    /// Of the request: a line that is dropped later may be in another scope.
    scope: EventScope,
    context: Arc<ServerContext>,
    time: SystemTime,
    who: Caller,
    what: AuditedTarget,
    effect: Effect,
    id: RequestId,
    audit: Audit,
    caller: AuditedCaller,
    outcome: Option<StatusCode>,
}

/// Longest value before or after that is kept, in characters.
const MAX_KEPT_CHARS: usize = 512;

impl AuditLine {
    /// That of a request before any guard: its caller is whoever is at the other end.
    pub(super) fn begin(
        context: &Arc<ServerContext>,
        head: &RequestHead,
        endpoint: &Arc<ServedEndpoint>,
        effect: Effect,
        id: &RequestId,
    ) -> Self {
        Self {
            scope: EventScope::current(),
            context: Arc::clone(context),
            time: Clock::system().wall(),
            who: Caller {
                peer: head.connection.peer,
                identity: None,
            },
            what: AuditedTarget::new(head, endpoint),
            effect,
            id: id.clone(),
            audit: Audit::default(),
            caller: AuditedCaller::RefusedUnknown,
            outcome: None,
        }
    }

    pub(super) fn set_who(&mut self, caller: &Caller) {
        self.who = caller.clone();
    }

    pub(super) fn effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn set_caller(&mut self, caller: AuditedCaller) {
        self.caller = caller;
    }

    /// What the handler says about its change; shared with it.
    pub(crate) fn audit(&self) -> Audit {
        self.audit.clone()
    }

    pub(crate) fn end(&mut self, status: StatusCode) {
        self.outcome = Some(status);
    }
}

impl AuditLine {
    /// Whether the request succeeded and its handler says that it has changed nothing.
    fn is_without_change(&self) -> bool {
        self.audit.says_no_change() && self.outcome.is_some_and(|status| status.is_success())
    }

    fn entry(&self) -> AuditEntry {
        let masked = |value: String| mask(&self.context, "", &value).into_owned();
        let change = self.audit.recorded();
        AuditEntry {
            time: self.time,
            who: one_line(&self.who),
            what: self.what.masked(&self.context),
            effect: self.effect,
            change: change.map(|(before, after)| (masked(before), masked(after))),
            status: self.outcome,
            request_id: self.id.clone(),
        }
    }

    /// With the level DEBUG, and not kept.
    fn emit_without_change(&self) {
        let is_logged = || tracing::enabled!(target: "admin_runtime::audit", Level::DEBUG);
        // Most programs do not: nothing is queued then.
        if !self.scope.with_subscriber(is_logged) {
            return;
        }
        let entry = self.entry();
        self.scope.emit(move || {
            tracing::debug!(
                target: "admin_runtime::audit",
                who = entry.who,
                what = entry.what,
                effect = entry.effect.as_str(),
                outcome = %OutcomeText(entry.status),
                request_id = %entry.request_id,
                "admin write without a change"
            );
        });
    }
}

impl Drop for AuditLine {
    fn drop(&mut self) {
        if self.is_without_change() {
            return self.emit_without_change();
        }
        let mut entry = self.entry();
        let logged = entry.change.as_ref();
        let logged = logged.map(|(before, after)| (one_line(before), one_line(after)));
        let kept = |value: String| excerpt(&value, MAX_KEPT_CHARS).to_string();
        let change = entry.change.take();
        entry.change = change.map(|(before, after)| (kept(before), kept(after)));
        let entry = Arc::new(entry);
        self.context.audit_log.push(self.caller, Arc::clone(&entry));
        self.scope.emit(move || {
            let (before, after) = match &logged {
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
