//! The metric of the checks of one server through the `metrics` facade.

use metrics::{Key, Label, Level, Metadata};

use super::report::{CheckReport, CheckStatus};

const HEALTHY: &str = "health_check_healthy";

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Sets the gauge of each check.
///
/// Keys are built for each call and handles are not kept: a handle taken before the application
/// installs its recorder would record nothing.
pub(super) fn record(server: Option<&str>, reports: &[CheckReport]) {
    metrics::describe_gauge!(
        HEALTHY,
        "1 if the health check is healthy, otherwise 0; kind `live` decides about /livez, `ready` about /readyz"
    );
    metrics::with_recorder(|recorder| {
        for report in reports {
            let key = key(server, report);
            let healthy = report.status == CheckStatus::Ok;
            let gauge = recorder.register_gauge(&key, &METADATA);
            gauge.set(f64::from(u8::from(healthy)));
        }
    });
}

fn key(server: Option<&str>, report: &CheckReport) -> Key {
    let mut labels = vec![
        Label::new("name", report.name),
        Label::new("kind", report.kind.as_str()),
    ];
    labels.extend(server.map(|server| Label::new("server", server.to_owned())));
    Key::from_parts(HEALTHY, labels)
}
