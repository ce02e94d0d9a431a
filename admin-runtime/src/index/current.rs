//! The index as one request sees it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::linked_page::LinkedPage;
use crate::endpoint::{EndpointDescriptor, EndpointStatus};
use crate::log_queue;
use crate::panics::panic_message;
use crate::registry::Index;
use crate::request::{ArgumentDescriptor, Extractor, RequestContext};
use crate::response::{AdminError, internal};
use crate::text::one_line;
use crate::user_runtime::UserRuntimeState;

/// The prefix that a mount removes from each path before the server sees it; may be empty.
pub(crate) struct MountPrefix(pub(crate) String);

/// All linked endpoints, with their current status.
pub(super) struct Current {
    pub(super) index: Index,
    /// The prefix of paths in links of the page.
    pub(super) base: String,
    pub(super) linked_page: LinkedPage,
}

impl Extractor for Current {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let mut index = request.registry().index();
        let endpoints = request.registry().endpoints();
        for (entry, endpoint) in index.endpoints.iter_mut().zip(endpoints) {
            entry.status = status(endpoint, request);
        }
        index
            .endpoints
            .retain(|entry| request.is_listed(entry.method, entry.path));
        let user_runtime = request.service::<Arc<UserRuntimeState>>();
        index.server = user_runtime.server().map(str::to_owned);
        index.user_runtime = user_runtime.status();
        index.health_checks = request.health_checks().entries();
        let base = match request.service::<MountPrefix>() {
            MountPrefix(prefix) if !prefix.is_empty() => prefix.clone(),
            MountPrefix(_) => base(request.raw_path()),
        };
        let linked_page = *request.service::<LinkedPage>();
        Ok(Self {
            index,
            base,
            linked_page,
        })
    }
}

/// A status function that panics is reported as such, and the rest of the index is unchanged.
fn status(endpoint: &EndpointDescriptor, request: &RequestContext) -> EndpointStatus {
    let Some(status) = endpoint.status else {
        return EndpointStatus::new();
    };
    catch_unwind(AssertUnwindSafe(|| status(request))).unwrap_or_else(|panic| {
        let (id, path) = (request.request_id(), endpoint.path);
        let (logged_id, panic) = (id.clone(), one_line(panic_message(&*panic)));
        log_queue::emit(move || {
            tracing::error!(request_id = %logged_id, path, panic, "the status of an endpoint panicked");
        });
        EndpointStatus::new().with("status", internal(id))
    })
}

/// Browsers resolve links against the folder of the page, and a server that is mounted at `/admin`
/// is also requested as `/admin`, without a trailing slash.
fn base(raw_path: &str) -> String {
    let (_, last) = raw_path.rsplit_once('/').unwrap_or_default();
    match last {
        "" => ".".to_owned(),
        last => format!("./{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_to_the_page() {
        let cases = [
            ("", "."),
            ("/", "."),
            ("/admin/", "."),
            ("/admin", "./admin"),
            ("/a/b:c%20d", "./b:c%20d"),
        ];
        for (path, expected) in cases {
            assert_eq!(base(path), expected, "{path}");
        }
    }
}
