//! The reply of a probe.

use admin_runtime::health::{CheckKind, CheckReport, CheckStatus};
use admin_runtime::text::one_line;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::quoted::quoted;

/// The checks of a kind, as one probe sees them.
///
/// ```
/// use admin_endpoints::probes::ProbeReport;
/// use admin_runtime::health::CheckKind;
///
/// let report = ProbeReport::new(CheckKind::Live, Vec::new());
/// assert!(report.is_healthy());
/// assert_eq!(report.to_text(false), "ok");
/// assert_eq!(report.to_text(true), "livez check passed");
/// assert_eq!(serde_json::to_string(&report)?, r#"{"status":"ok","checks":[]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProbeReport {
    kind: CheckKind,
    checks: Vec<CheckReport>,
    /// Names that the client wants to ignore and that no check has.
    unmatched: Vec<String>,
}

/// What is shown of a failure to callers who may not read its reason.
const WITHHELD_REASON: &str = "reason withheld";

impl ProbeReport {
    /// A report of these checks, which are sorted by name.
    #[must_use]
    pub fn new(kind: CheckKind, checks: Vec<CheckReport>) -> Self {
        Self {
            kind,
            checks,
            unmatched: Vec::new(),
        }
    }

    /// Ignores the checks of these names.
    #[must_use]
    pub(super) fn excluding(mut self, mut names: Vec<String>) -> Self {
        for check in &mut self.checks {
            if names.iter().any(|name| name == check.name) {
                check.status = CheckStatus::Excluded;
                check.message = None;
            }
        }
        names.sort();
        names.dedup();
        names.retain(|name| self.checks.iter().all(|check| check.name != name));
        self.unmatched = names;
        self
    }

    /// Replaces the reasons of failures.
    #[must_use]
    pub(super) fn withholding_reasons(mut self) -> Self {
        let reasons = self.checks.iter_mut().map(|check| &mut check.message);
        for reason in reasons.flatten() {
            WITHHELD_REASON.clone_into(reason);
        }
        self
    }

    /// Whether no check failed, excluded ones aside.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        let mut checks = self.checks.iter();
        checks.all(|check| check.status != CheckStatus::Failed)
    }

    /// The lines of a probe: `ok`, or all checks if `verbose` or if one failed.
    #[must_use]
    pub fn to_text(&self, verbose: bool) -> String {
        let is_healthy = self.is_healthy();
        if is_healthy && !verbose {
            return "ok".to_owned();
        }
        let mut lines: Vec<_> = self.checks.iter().map(line).collect();
        if !self.unmatched.is_empty() {
            let names = self.unmatched.iter();
            let names: Vec<_> = names.map(|name| quoted(name)).collect();
            lines.push(format!(
                "warn: some health checks cannot be excluded: no matches for {}",
                names.join(",")
            ));
        }
        let outcome = if is_healthy { "passed" } else { "failed" };
        lines.push(format!("{}z check {outcome}", self.kind));
        lines.join("\n")
    }

    /// The reply for a single check.
    pub(super) fn single_text(&self) -> String {
        match self.checks.first() {
            Some(check) if check.status == CheckStatus::Failed => line(check),
            _ => "ok".to_owned(),
        }
    }
}

fn line(check: &CheckReport) -> String {
    let name = one_line(check.name);
    match check.status {
        CheckStatus::Ok => format!("[+]{name} ok"),
        CheckStatus::Excluded => format!("[+]{name} excluded: ok"),
        _ => {
            let message = check.message.as_deref().unwrap_or_default();
            format!("[-]{name} failed: {}", one_line(message))
        }
    }
}

impl Serialize for ProbeReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let status = if self.is_healthy() { "ok" } else { "failed" };
        let mut report = serializer.serialize_struct("ProbeReport", 2)?;
        report.serialize_field("status", status)?;
        report.serialize_field("checks", &self.checks)?;
        report.end()
    }
}
