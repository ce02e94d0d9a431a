//! What a run leaves behind: one audit line, and the printed text in the log.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use admin_runtime::describe::ArgumentDescriptor;
use admin_runtime::text::{excerpt, one_line};
use admin_runtime::{AdminError, Audit, Caller, Extractor, RequestContext, RequestId, log_queue};
use sha2::{Digest, Sha256};

/// The longest printed text in the log, in characters.
const MAX_LOGGED_CHARS: usize = 2048;

/// Identifies a script by its digest.
pub(super) struct ScriptRecord {
    digest: [u8; 32],
}

impl ScriptRecord {
    pub(super) fn from_source(source: &[u8]) -> Self {
        Self {
            digest: Sha256::digest(source).into(),
        }
    }

    /// `sha256=… 1.234 ms, finished`
    pub(super) fn ended(&self, took: Duration, outcome: &str) -> String {
        format!("{self} {:.3} ms, {outcome}", took.as_secs_f64() * 1000.0)
    }
}

impl Display for ScriptRecord {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("sha256=")?;
        self.digest
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Records a run: in the audit line of its request, and in the log.
pub(super) struct RunLog {
    audit: Audit,
    caller: Caller,
    request_id: RequestId,
}

impl Extractor for RunLog {
    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        Ok(Self {
            audit: Audit::extract(request, argument)?,
            caller: Caller::extract(request, argument)?,
            request_id: RequestId::extract(request, argument)?,
        })
    }
}

impl RunLog {
    /// Sets the `after` of the audit line.
    pub(super) fn audit(&self, after: impl Display) {
        self.audit.change("-", after);
    }

    /// Emits the printed text as a log event.
    pub(super) fn printed(self, printed: &str) {
        let printed = printed_excerpt(printed).to_string();
        let who = one_line(&self.caller);
        log_queue::emit(move || {
            tracing::info!(
                target: "admin_endpoints::script",
                request_id = %self.request_id,
                %who,
                %printed,
                "a script printed"
            );
        });
    }
}

/// Printed text as the log shows it.
fn printed_excerpt(printed: &str) -> impl Display + '_ {
    excerpt(printed, MAX_LOGGED_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_that_of_sha256sum() {
        let record = ScriptRecord::from_source(b"result = 1 + 1\n")
            .ended(Duration::from_micros(1500), "finished");
        assert_eq!(
            record,
            "sha256=bc961ce9e43e1bbddbdc3ea47d7f8d10c78ec19896860ad702e7e476594a72a6 1.500 ms, \
             finished"
        );
    }

    #[test]
    fn printed_text_cannot_forge_log_lines() {
        let text = format!("a\n\x1b[31m{}", "é".repeat(3000));
        let logged = printed_excerpt(&text).to_string();
        assert!(logged.starts_with(r"a\n\u{1b}[31mé"), "{logged}");
        assert!(logged.ends_with("é..."), "{logged}");
    }
}
