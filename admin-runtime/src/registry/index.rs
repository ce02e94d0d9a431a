//! The index: everything that is linked, as data.

use serde::Serialize;

use crate::endpoint::{EndpointDescriptor, EndpointStatus};
use crate::request::{ArgumentKind, ArgumentLocation};
use crate::source::SourceLocation;

/// What `GET /` shows.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::introspect::Index;
///
/// /// Drop everything.
/// #[admin_endpoint(method = "POST", path = "/clear")]
/// async fn clear() {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().exclude("/openapi.json").build()?;
/// let index: Index = server.registry().index();
/// let paths: Vec<_> = index.endpoints.iter().map(|entry| (entry.method, entry.path)).collect();
/// assert_eq!(paths, [("GET", "/"), ("POST", "/clear")]);
///
/// let shown: serde_json::Value = server.test_client().get("/").await.json();
/// assert_eq!(shown, serde_json::to_value(&index)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Index {
    /// The endpoints, sorted by path and method.
    pub endpoints: Vec<EndpointEntry>,
    /// The name of the server, if it has one. Only `GET /` asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What runs the async handlers; `None` if the server is not started. Only `GET /` asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_runtime: Option<UserRuntimeStatus>,
    /// The linked health checks, sorted by kind and name. Only `GET /` asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub health_checks: Vec<HealthCheckEntry>,
}

/// One health check of the index.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, health_check};
///
/// /// The database answers.
/// #[health_check(interval = "5s")]
/// fn database() {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// let server = AdminServer::builder().build()?;
/// let index: serde_json::Value = server.test_client().get("/").await.json();
/// let check = &index["health_checks"][0];
/// assert_eq!((&check["name"], &check["kind"]), (&"database".into(), &"ready".into()));
/// assert_eq!(check["summary"], "The database answers.");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HealthCheckEntry {
    /// The name.
    pub name: &'static str,
    /// `live` or `ready`.
    pub kind: &'static str,
    /// The first line of the doc comment.
    pub summary: &'static str,
    /// The crate that registered it.
    #[serde(rename = "crate")]
    pub crate_name: &'static str,
    /// `file:line`, relative to the crate.
    pub source: String,
}

impl HealthCheckEntry {
    pub(crate) fn new(
        name: &'static str,
        kind: &'static str,
        docs: &'static str,
        source: &SourceLocation,
    ) -> Self {
        Self {
            name,
            kind,
            summary: docs.lines().next().unwrap_or_default(),
            crate_name: source.crate_name,
            source: format!("{}:{}", source.crate_file(), source.line),
        }
    }
}

/// What runs the async handlers of a server.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
///
/// #[admin_endpoint(path = "/ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// let index = AdminServer::builder().build()?.registry().index();
/// assert_eq!(index.user_runtime, None, "the server is not started");
/// # Ok::<(), admin_runtime::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserRuntimeStatus {
    /// Whether handlers block all threads of a runtime: no task of it has run for a second.
    pub blocked: bool,
    /// Threads that run handlers. Others are added while these are blocked.
    pub threads: usize,
}

impl UserRuntimeStatus {
    pub(crate) fn new(blocked: bool, threads: usize) -> Self {
        Self { blocked, threads }
    }
}

/// One endpoint of the index.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
///
/// /// Drop everything.
/// #[admin_endpoint(method = "POST", path = "/clear", effect = "dangerous")]
/// async fn clear(only: Option<String>) {}
///
/// let server = AdminServer::builder().exclude("/").exclude("/openapi.json").build()?;
/// let entry = serde_json::to_value(&server.registry().index().endpoints[0])?;
/// assert_eq!(entry["method"], "POST");
/// assert_eq!(entry["effect"], "dangerous");
/// assert_eq!(entry["summary"], "Drop everything.");
/// assert_eq!(entry["parameters"][0]["name"], "only");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EndpointEntry {
    /// `GET`
    pub method: &'static str,
    /// `/cache/{tier}`
    pub path: &'static str,
    /// `read`, `write` or `dangerous`
    pub effect: &'static str,
    /// Query parameters that raise the effect: the name, then the effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effect_if: Vec<(&'static str, &'static str)>,
    /// Whether it needs credentials beyond loopback even if it only reads; shown if so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// The first paragraph of the docs.
    pub summary: String,
    /// The parameters, in the order of the arguments.
    pub parameters: Vec<ParameterEntry>,
    /// Its status at this moment; only `GET /` asks for it.
    #[serde(skip_serializing_if = "EndpointStatus::is_empty")]
    pub status: EndpointStatus,
    /// The crate it was written in.
    #[serde(rename = "crate")]
    pub crate_name: &'static str,
    /// `file:line`, relative to the crate's root.
    pub source: String,
}

/// One parameter of an endpoint.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
///
/// #[admin_endpoint(path = "/greet")]
/// async fn greet(
///     /// How often.
///     #[param(default = "1")]
///     times: u8,
/// ) {}
///
/// let server = AdminServer::builder().exclude("/").exclude("/openapi.json").build()?;
/// let shown = serde_json::to_value(&server.registry().index().endpoints[0].parameters[0])?;
/// let expected = serde_json::json!({
///     "name": "times", "in": "query", "type": "integer", "required": false, "default": "1",
///     "expected": "an integer from 0 to 255", "description": "How often.",
/// });
/// assert_eq!(shown, expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ParameterEntry {
    /// The name on the wire.
    pub name: &'static str,
    /// `path`, `query` or `body`
    #[serde(rename = "in")]
    pub location: &'static str,
    /// The JSON type of a parameter, the media type of a body; `[]` behind it: may be repeated.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether a request without it is refused.
    pub required: bool,
    /// The value if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
    /// What a value looks like.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub expected: &'static str,
    /// The doc comment of the argument.
    pub description: &'static str,
}

impl Index {
    pub(crate) fn from_endpoints(endpoints: &[EndpointDescriptor]) -> Self {
        Self {
            endpoints: endpoints
                .iter()
                .map(EndpointEntry::from_descriptor)
                .collect(),
            server: None,
            user_runtime: None,
            health_checks: Vec::new(),
        }
    }
}

impl EndpointEntry {
    fn from_descriptor(endpoint: &EndpointDescriptor) -> Self {
        Self {
            method: endpoint.method.as_str(),
            path: endpoint.path,
            effect: endpoint.effect.as_str(),
            effect_if: endpoint
                .effect_if
                .iter()
                .map(|rule| (rule.query, rule.effect.as_str()))
                .collect(),
            sensitive: endpoint.sensitive,
            summary: endpoint.summary(),
            parameters: parameters(endpoint),
            status: EndpointStatus::new(),
            crate_name: endpoint.source.crate_name,
            source: format!("{}:{}", endpoint.source.crate_file(), endpoint.source.line),
        }
    }
}

fn parameters(endpoint: &EndpointDescriptor) -> Vec<ParameterEntry> {
    let entry = |argument: &crate::request::ArgumentDescriptor| {
        let (location, type_name, required, expected) = match argument.kind {
            ArgumentKind::Parameter(spec) => {
                let location = match argument.location {
                    ArgumentLocation::Path(_) => "path",
                    ArgumentLocation::Query => "query",
                };
                let many = if spec.repeated { "[]" } else { "" };
                let required = spec.required && argument.default.is_none();
                (
                    location,
                    format!("{}{many}", spec.json_type),
                    required,
                    spec.expected,
                )
            }
            ArgumentKind::Body {
                content_type,
                required,
            } => ("body", content_type.to_owned(), required, ""),
            ArgumentKind::Extractor | ArgumentKind::State(_) | ArgumentKind::Config(_) => {
                return None;
            }
        };
        let (name, default, description) = (argument.name, argument.default, argument.docs);
        Some(ParameterEntry {
            name,
            location,
            type_name,
            required,
            default,
            expected,
            description,
        })
    };
    endpoint.arguments.iter().filter_map(entry).collect()
}
