//! Every linked registration, checked and sorted: a value without I/O.

mod extract;
mod index;
mod link;
mod problem;
mod router;

use std::sync::Arc;

pub use self::index::{EndpointEntry, HealthCheckEntry, Index, ParameterEntry, UserRuntimeStatus};
pub use self::link::LinkExpectation;
pub(crate) use self::link::unlinked;
pub use self::problem::{BuildError, Problem};
pub(crate) use self::router::{Matched, RouteError, Router};

use crate::endpoint::{EndpointDescriptor, PathPattern};
use crate::request::{ArgumentKind, ArgumentLocation};

/// The endpoints of one server, sorted by path and method.
///
/// As an argument of a handler it is the registry of the server that answers.
///
/// ```standalone_crate
/// use admin_runtime::admin_endpoint;
/// use admin_runtime::introspect::Registry;
///
/// /// How many endpoints there are.
/// #[admin_endpoint(path = "/count")]
/// async fn count(registry: Registry) -> String {
///     registry.endpoints().len().to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use admin_runtime::AdminServer;
/// let server = AdminServer::builder().exclude("/").exclude("/openapi.json").build()?;
/// assert_eq!(server.test_client().get("/count").await.text(), "1");
/// assert_eq!(server.registry().index().endpoints[0].summary, "How many endpoints there are.");
///
/// let count = server.registry().endpoints()[0];
/// let other = count.with_path("/count/{it}");
/// let error = Registry::from_descriptors([count, other]).unwrap_err();
/// assert!(error.to_string().ends_with("no argument takes the path parameter `it`"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Registry(Arc<[EndpointDescriptor]>);

impl Registry {
    /// Sorts and checks descriptors, whatever order they come in.
    ///
    /// # Errors
    ///
    /// Every malformed path, mismatched argument and collision, each with its places.
    pub fn from_descriptors(
        descriptors: impl IntoIterator<Item = EndpointDescriptor>,
    ) -> Result<Self, BuildError> {
        let mut endpoints: Vec<_> = descriptors.into_iter().collect();
        sort(&mut endpoints);
        let mut problems = Vec::new();
        let mut router = Router::default();
        for (index, endpoint) in endpoints.iter().enumerate() {
            match PathPattern::parse(endpoint.path) {
                Ok(pattern) => {
                    problems.extend(arguments(endpoint, &pattern));
                    if let Err(taken) = router.insert(&pattern, endpoint.method, index) {
                        problems.push(Problem::Collision {
                            method: endpoint.method,
                            first: (endpoints[taken].path, endpoints[taken].source),
                            second: (endpoint.path, endpoint.source),
                        });
                    }
                }
                Err(error) => problems.push(Problem::MalformedPath {
                    path: endpoint.path,
                    error,
                    at: endpoint.source,
                }),
            }
        }
        BuildError::unless_empty(problems)?;
        Ok(Self(endpoints.into()))
    }

    /// The endpoints, sorted by path and method.
    #[must_use]
    pub fn endpoints(&self) -> &[EndpointDescriptor] {
        &self.0
    }

    /// What `GET /` shows.
    #[must_use]
    pub fn index(&self) -> Index {
        Index::from_endpoints(self.endpoints())
    }
}

/// The order in which endpoints are shown, whatever order they were linked in.
pub(crate) fn sort(endpoints: &mut [EndpointDescriptor]) {
    endpoints.sort_by(|a, b| (a.path, a.method, a.source).cmp(&(b.path, b.method, b.source)));
}

/// What the macro checks by tokens is checked again here, for descriptors written by hand, and
/// what only types know is checked for the first time.
fn arguments(endpoint: &EndpointDescriptor, pattern: &PathPattern<'_>) -> Vec<Problem> {
    let names: Vec<_> = pattern.parameters().collect();
    let mut problems = Vec::new();
    let mut problem = |reason: String| {
        problems.push(Problem::Argument {
            path: endpoint.path,
            reason,
            at: endpoint.source,
        });
    };
    for argument in endpoint.arguments {
        if let ArgumentKind::Parameter(spec) = argument.kind
            && spec.keywords().is_none()
        {
            problem(format!(
                "the JSON_SCHEMA of `{}` is not a JSON object: {}",
                argument.name, spec.json_schema
            ));
        }
        match (argument.location, argument.kind) {
            (ArgumentLocation::Path(at), ArgumentKind::Parameter(_))
                if names.get(at) == Some(&argument.name) => {}
            (ArgumentLocation::Path(_), _) => {
                problem(format!(
                    "argument `{}` is not the parameter of the path it says",
                    argument.name
                ));
            }
            (ArgumentLocation::Query, ArgumentKind::Parameter(spec)) => {
                if let Some(default) = argument.default.filter(|text| !(spec.accepts)(text)) {
                    problem(format!(
                        "the default {default:?} of `{}` is not {}",
                        argument.name, spec.expected
                    ));
                }
            }
            (ArgumentLocation::Query, _) => {}
        }
    }
    if let Some((first, second)) = second_body(endpoint) {
        problem(format!(
            "`{first}` and `{second}` are two bodies and a request has one: take one struct with the fields of both, or `Upload`s alone"
        ));
    }
    for name in names {
        if !endpoint
            .arguments
            .iter()
            .any(|argument| argument.name == name)
        {
            problem(format!("no argument takes the path parameter `{name}`"));
        }
    }
    problems
}

/// The names of two arguments that cannot be in one body; parts of one form can.
fn second_body(endpoint: &EndpointDescriptor) -> Option<(&'static str, &'static str)> {
    let mut bodies = endpoint
        .arguments
        .iter()
        .filter_map(|argument| match argument.kind {
            ArgumentKind::Body { content_type, .. } => Some((argument.name, content_type)),
            _ => None,
        });
    let (first, content_type) = bodies.next()?;
    let is_form = content_type == "multipart/form-data";
    bodies
        .find(|(_, second)| !is_form || *second != content_type)
        .map(|(second, _)| (first, second))
}

#[cfg(test)]
mod tests;
