//! `GET /livez`, `GET /readyz`, and one check of each.

use admin_runtime::accept::quality;
use admin_runtime::describe::ArgumentDescriptor;
use admin_runtime::health::{CheckKind, CheckReport, HealthChecks};
use admin_runtime::text::excerpt;
use admin_runtime::{
    AdminError, Extractor, IntoResponse, Json, RequestContext, Response, StatusCode,
    admin_endpoint, header,
};

use super::report::ProbeReport;

/// How much of a name an error message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 255;

/// What a probe needs of its request.
struct Probe {
    checks: HealthChecks,
    is_trusted: bool,
    is_json: bool,
}

impl Extractor for Probe {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let accepted = request.headers().get_all(header::ACCEPT);
        Ok(Self {
            checks: request.health_checks().clone(),
            is_trusted: request.is_trusted(),
            is_json: quality(&accepted, "application/json") > quality(&accepted, "text/plain"),
        })
    }
}

impl Probe {
    /// The reply for all checks of a kind.
    fn all(
        self,
        kind: CheckKind,
        verbose: bool,
        exclude: Vec<String>,
    ) -> Result<Response, AdminError> {
        let report = ProbeReport::new(kind, self.checks.reports(kind)).excluding(exclude);
        self.reply(report, |report| report.to_text(verbose))
    }

    /// The reply for one check.
    fn one(self, kind: CheckKind, name: &str) -> Result<Response, AdminError> {
        let mut checks = self.checks.reports(kind);
        checks.retain(|check: &CheckReport| check.name == name);
        if checks.is_empty() {
            let name = excerpt(name, MAX_QUOTED_CHARS);
            let message = format!("Health check not found: {name}");
            if self.is_json {
                let body = Json(serde_json::json!({ "error": message }));
                return (StatusCode::NOT_FOUND, body).into_response();
            }
            return Err(AdminError::not_found(message));
        }
        self.reply(ProbeReport::new(kind, checks), ProbeReport::single_text)
    }

    fn reply(
        self,
        report: ProbeReport,
        text: impl FnOnce(&ProbeReport) -> String,
    ) -> Result<Response, AdminError> {
        let report = if self.is_trusted {
            report
        } else {
            report.withholding_reasons()
        };
        let status = if report.is_healthy() {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        if self.is_json {
            (status, Json(report)).into_response()
        } else {
            (status, text(&report)).into_response()
        }
    }
}

/// Check that the program is alive.
///
/// 200 `ok` while every live check is ok, otherwise 503 with one line for each check. A program that
/// fails it should be restarted.
#[admin_endpoint(
    path = "/livez",
    runtime = "admin",
    errors = "text",
    produces = "text/plain; charset=utf-8, application/json"
)]
async fn livez(
    /// One line for each check, even if all are ok.
    verbose: Option<String>,
    /// The name of a check to ignore; may be repeated.
    exclude: Vec<String>,
    probe: Probe,
) -> Result<Response, AdminError> {
    probe.all(CheckKind::Live, verbose.is_some(), exclude)
}

/// Check that the program may receive work.
///
/// 200 `ok` while every ready check is ok, otherwise 503 with one line for each check.
#[admin_endpoint(
    path = "/readyz",
    runtime = "admin",
    errors = "text",
    produces = "text/plain; charset=utf-8, application/json"
)]
async fn readyz(
    /// One line for each check, even if all are ok.
    verbose: Option<String>,
    /// The name of a check to ignore; may be repeated.
    exclude: Vec<String>,
    probe: Probe,
) -> Result<Response, AdminError> {
    probe.all(CheckKind::Ready, verbose.is_some(), exclude)
}

/// Get the result of one live check.
#[admin_endpoint(
    path = "/livez/{check}",
    runtime = "admin",
    errors = "text",
    produces = "text/plain; charset=utf-8, application/json"
)]
async fn live_check(
    /// The name of the check, percent-encoded where necessary.
    check: String,
    probe: Probe,
) -> Result<Response, AdminError> {
    probe.one(CheckKind::Live, &check)
}

/// Get the result of one ready check.
#[admin_endpoint(
    path = "/readyz/{check}",
    runtime = "admin",
    errors = "text",
    produces = "text/plain; charset=utf-8, application/json"
)]
async fn ready_check(
    /// The name of the check, percent-encoded where necessary.
    check: String,
    probe: Probe,
) -> Result<Response, AdminError> {
    probe.one(CheckKind::Ready, &check)
}
