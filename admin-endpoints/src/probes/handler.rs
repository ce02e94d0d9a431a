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

/// The status if a check failed.
const FAILED: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

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
    /// The status of a failed probe. A probe that reads the status alone asks for no JSON, so that
    /// `report` cannot hide a failure from it.
    fn if_failed(&self, report: bool) -> StatusCode {
        if self.is_json && report {
            StatusCode::OK
        } else {
            FAILED
        }
    }

    /// The reply for all checks of a kind.
    fn all(
        self,
        kind: CheckKind,
        verbose: bool,
        if_failed: StatusCode,
        exclude: Vec<String>,
    ) -> Result<Response, AdminError> {
        let report = ProbeReport::new(kind, self.checks.reports(kind)).excluding(exclude);
        self.reply(report, if_failed, |report| report.to_text(verbose))
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
        let report = ProbeReport::new(kind, checks);
        self.reply(report, FAILED, ProbeReport::single_text)
    }

    fn reply(
        self,
        report: ProbeReport,
        if_failed: StatusCode,
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
            if_failed
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
    /// With `Accept: application/json`: 200 even if a check failed, for readers of the JSON.
    report: Option<String>,
    /// The name of a check to ignore; may be repeated.
    exclude: Vec<String>,
    probe: Probe,
) -> Result<Response, AdminError> {
    let if_failed = probe.if_failed(report.is_some());
    probe.all(CheckKind::Live, verbose.is_some(), if_failed, exclude)
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
    /// With `Accept: application/json`: 200 even if a check failed, for readers of the JSON.
    report: Option<String>,
    /// The name of a check to ignore; may be repeated.
    exclude: Vec<String>,
    probe: Probe,
) -> Result<Response, AdminError> {
    let if_failed = probe.if_failed(report.is_some());
    probe.all(CheckKind::Ready, verbose.is_some(), if_failed, exclude)
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
