//! Everything of a request but its body, before any guard.

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, StatusCode};

use super::Connection;
use crate::guard::Target;
use crate::limits::Limits;
use crate::registry::RouteError;
use crate::response::AdminError;
use crate::server_context::{RoutedEndpoint, ServerContext};
use crate::text::excerpt;

/// A request before any guard: nothing of it is trusted.
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// As sent, the prefix of a mount included where the mount leaves it.
    pub(crate) path_and_query: PathAndQuery,
    pub(crate) headers: HeaderMap,
    pub(crate) target: Target,
    pub(crate) connection: Connection,
}

/// What routing says of a request: the endpoint that answers, or why none does.
pub(crate) type Route = Result<RoutedEndpoint, RouteError>;

/// Longest path that a message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 200;

/// Longest method that a message repeats, in characters.
const MAX_QUOTED_METHOD_CHARS: usize = 20;

impl RequestHead {
    pub(crate) fn from_parts(parts: Parts, connection: Connection) -> Self {
        let uri = parts.uri.into_parts();
        let (target, path_and_query) = match uri.path_and_query {
            Some(path) if path.path() != "*" => {
                (Target::from_request(uri.authority, &parts.headers), path)
            }
            _ => (Target::WithoutPath, PathAndQuery::from_static("/")),
        };
        Self {
            target,
            method: parts.method,
            path_and_query,
            headers: parts.headers,
            connection,
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.path_and_query.path()
    }

    /// Routes by the whole path; then puts back what a mount took off it, for messages and links.
    pub(crate) fn route(&mut self, context: &ServerContext) -> Route {
        let path = self.path().strip_prefix('/').unwrap_or(self.path());
        let listener = &self.connection.listener;
        let route = listener.route(context, &self.method, path);
        if !context.mount_prefix.is_empty() {
            let full = format!("{}{}", context.mount_prefix, self.path_and_query);
            if let Ok(full) = PathAndQuery::try_from(full) {
                self.path_and_query = full;
            }
        }
        route
    }

    pub(crate) fn query(&self) -> &str {
        self.path_and_query.query().unwrap_or_default()
    }

    /// The path for a message, shortened.
    pub(crate) fn quoted_path(&self) -> String {
        excerpt(self.path(), MAX_QUOTED_CHARS).to_string()
    }

    /// The method for a message, shortened.
    pub(crate) fn quoted_method(&self) -> String {
        quoted_method(&self.method)
    }

    /// Checks path, query and headers against the limits.
    pub(crate) fn check_size(&self, limits: &Limits) -> Result<(), AdminError> {
        let max = limits.max_uri_bytes;
        if self.path().len() + self.query().len() > max {
            return Err(AdminError::new(
                StatusCode::URI_TOO_LONG,
                format!("Path and query are longer than {max} bytes"),
            ));
        }
        let max = limits.max_headers;
        if self.headers.len() > max {
            return Err(AdminError::new(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                format!("The request has more than {max} headers"),
            ));
        }
        let max = limits.max_header_bytes;
        let sizes = self
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len());
        if sizes.sum::<usize>() > max {
            return Err(AdminError::new(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                format!("The headers are longer than {max} bytes"),
            ));
        }
        Ok(())
    }
}

pub(super) fn quoted_method(method: &Method) -> String {
    excerpt(method.as_str(), MAX_QUOTED_METHOD_CHARS).to_string()
}
