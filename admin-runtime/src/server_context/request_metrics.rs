//! Request metrics through the `metrics` facade, labelled with the declared path.

use std::time::Duration;

use http::{Method as HttpMethod, StatusCode};
use metrics::{Key, Label, Level, Metadata, SharedString, Unit};

use super::endpoint::ServedEndpoint;
use crate::endpoint::Method;

/// Replaces the path of requests that no endpoint matches: never the raw one.
const UNMATCHED_PATH: &str = "<unmatched>";

const REQUESTS: &str = "admin_requests_total";
const REJECTED_CONNECTIONS: &str = "admin_connections_rejected_total";
const DURATION: &str = "admin_request_duration_seconds";
static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Counts the requests of one server.
///
/// Keys are kept and handles are not: a handle taken before the application installs its recorder
/// would record nothing.
#[derive(Debug)]
pub(crate) struct RequestMetrics {
    server: Option<String>,
}

/// One reply, as it is counted.
pub(crate) struct Answered<'a> {
    /// `None` where no endpoint has the path and the method.
    pub(crate) endpoint: Option<&'a ServedEndpoint>,
    pub(crate) method: &'a HttpMethod,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
}

/// The path as declared, for metrics and the log: never the raw one.
pub(crate) fn declared_path(endpoint: Option<&ServedEndpoint>) -> &'static str {
    endpoint.map_or(UNMATCHED_PATH, |endpoint| endpoint.descriptor.path)
}

impl RequestMetrics {
    pub(super) fn new(server: Option<String>) -> Self {
        Self { server }
    }

    /// Counts one reply.
    pub(crate) fn record(&self, answered: &Answered<'_>) {
        let Answered {
            endpoint,
            method,
            status,
            took,
        } = *answered;
        let labelled = |name, status| self.key(name, method, declared_path(endpoint), status);
        let count_key = || labelled(REQUESTS, Some(status));
        let time_key = || labelled(DURATION, None);
        let declared = endpoint.filter(|one| is_method(method, one.descriptor.method));
        match declared.map(|one| &one.metric_keys) {
            Some(keys) if status == StatusCode::OK => count(keys.ok.get_or_init(count_key)),
            _ => count(&count_key()),
        }
        match declared.map(|one| &one.metric_keys) {
            Some(keys) => time(keys.duration.get_or_init(time_key), took),
            None => time(&time_key(), took),
        }
    }

    /// Counts a connection that ended without a reply of an endpoint.
    pub(crate) fn record_rejected_connection(&self, reason: &'static str) {
        let mut labels = vec![Label::new("reason", reason)];
        labels.extend(self.server_label());
        count(&Key::from_parts(REJECTED_CONNECTIONS, labels));
    }

    fn server_label(&self) -> Option<Label> {
        let server = self.server.as_ref()?;
        Some(Label::new("server", server.clone()))
    }

    fn key(
        &self,
        name: &'static str,
        method: &HttpMethod,
        path: &'static str,
        status: Option<StatusCode>,
    ) -> Key {
        let method = Method::from_http(method).map_or("OTHER", Method::as_str);
        let mut labels = vec![Label::new("method", method), Label::new("path", path)];
        labels.extend(status.map(|status| Label::new("status", status_text(status))));
        labels.extend(self.server_label());
        Key::from_parts(name, labels)
    }
}

/// The status of most replies is one text in the program: a recorder compares it faster.
fn status_text(status: StatusCode) -> SharedString {
    match status {
        StatusCode::OK => SharedString::const_str("200"),
        other => SharedString::from(other.as_u16().to_string()),
    }
}

fn is_method(sent: &HttpMethod, declared: Method) -> bool {
    Method::from_http(sent) == Some(declared)
}

fn count(key: &Key) {
    metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA).increment(1));
}

fn time(key: &Key, took: Duration) {
    metrics::with_recorder(|recorder| {
        recorder
            .register_histogram(key, &METADATA)
            .record(took.as_secs_f64());
    });
}

/// Tells the recorder what the request metrics mean; once per started server.
pub(crate) fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests that the admin server has answered");
    metrics::describe_counter!(
        REJECTED_CONNECTIONS,
        "Connections that the server ended without a reply of an endpoint, by reason"
    );
    metrics::describe_histogram!(
        DURATION,
        Unit::Seconds,
        "Time from the end of a request's headers to its reply"
    );
}
