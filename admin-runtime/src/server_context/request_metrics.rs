//! Request metrics through the `metrics` facade, labelled with the declared path.

use std::sync::OnceLock;
use std::time::Duration;

use http::{Method as HttpMethod, StatusCode};
use metrics::{Key, Label, Level, Metadata, Unit};

use crate::endpoint::{EndpointDescriptor, Method};

/// Stands for the path of requests that no endpoint matches: never the raw one.
pub(crate) const UNMATCHED: &str = "<unmatched>";

const REQUESTS: &str = "admin_requests_total";
const DURATION: &str = "admin_request_duration_seconds";
static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The keys of one server's request metrics. Keys are kept, handles are not: a handle taken before
/// the application installs its recorder would count into nothing for ever.
#[derive(Debug)]
pub(crate) struct RequestMetrics {
    server: Option<String>,
    endpoints: Box<[EndpointKeys]>,
}

#[derive(Debug, Default)]
struct EndpointKeys {
    duration: OnceLock<Key>,
    ok: OnceLock<Key>,
}

impl RequestMetrics {
    pub(crate) fn new(endpoints: usize, server: Option<String>) -> Self {
        let endpoints = (0..endpoints).map(|_| EndpointKeys::default()).collect();
        Self { server, endpoints }
    }

    /// Counts one answered request; `index` is the endpoint's in the registry.
    pub(crate) fn record(
        &self,
        endpoint: Option<&EndpointDescriptor>,
        index: Option<usize>,
        method: &HttpMethod,
        status: StatusCode,
        took: Duration,
    ) {
        let path = endpoint.map_or(UNMATCHED, |endpoint| endpoint.path);
        let labelled = |name, status: Option<StatusCode>| self.key(name, method, path, status);
        // The usual case, the endpoint's own method answered with 200, has its keys ready.
        let declared = endpoint.is_some_and(|one| Method::from_http(method) == Some(one.method));
        match index.filter(|_| declared) {
            Some(index) => {
                let keys = &self.endpoints[index];
                if status == StatusCode::OK {
                    count(keys.ok.get_or_init(|| labelled(REQUESTS, Some(status))));
                } else {
                    count(&labelled(REQUESTS, Some(status)));
                }
                time(keys.duration.get_or_init(|| labelled(DURATION, None)), took);
            }
            None => {
                count(&labelled(REQUESTS, Some(status)));
                time(&labelled(DURATION, None), took);
            }
        }
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
        labels.extend(status.map(|status| Label::new("status", status.as_u16().to_string())));
        labels.extend(
            self.server
                .as_ref()
                .map(|server| Label::new("server", server.clone())),
        );
        Key::from_parts(name, labels)
    }
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
    metrics::describe_histogram!(
        DURATION,
        Unit::Seconds,
        "Time from the end of a request's headers to its reply"
    );
}
