//! A request as the root filter hands it over.

use std::net::SocketAddr;

use http::{HeaderMap, Method, StatusCode};

use crate::guard::Target;
use crate::limits::Limits;
use crate::registry::Lookup;
use crate::response::AdminError;
use crate::text::excerpt;

/// A request before any guard: nothing of it is trusted.
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// The raw path, for messages.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) target: Target,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) lookup: Lookup,
}

/// Longest path that a message repeats, in characters.
const MAX_QUOTED_CHARS: usize = 200;

impl RequestHead {
    /// The path for a message, shortened.
    pub(crate) fn path(&self) -> String {
        excerpt(&self.path, MAX_QUOTED_CHARS).to_string()
    }

    /// Holds path, query and headers against the limits.
    pub(crate) fn check_size(&self, limits: &Limits) -> Result<(), AdminError> {
        if self.path.len() + self.query.len() > limits.max_uri_bytes {
            return Err(AdminError::new(
                StatusCode::URI_TOO_LONG,
                format!(
                    "Path and query are longer than {} bytes",
                    limits.max_uri_bytes
                ),
            ));
        }
        let sizes = self
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len());
        if sizes.sum::<usize>() > limits.max_header_bytes {
            return Err(AdminError::new(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                format!(
                    "The headers are longer than {} bytes",
                    limits.max_header_bytes
                ),
            ));
        }
        Ok(())
    }
}
