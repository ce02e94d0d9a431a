//! The index as one request sees it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;

use super::cached::{IndexTextKey, IndexTexts};
use super::linked_page::LinkedPage;
use super::page::page;
use crate::endpoint::{EndpointDescriptor, EndpointStatus};
use crate::health::HealthChecks;
use crate::log_queue;
use crate::panics::panic_message;
use crate::registry::{Index, Registry};
use crate::request::{ArgumentDescriptor, Extractor, RequestContext, Services};
use crate::response::{AdminError, internal};
use crate::text::one_line;
use crate::user_runtime::UserRuntimeState;

/// The prefix that a mount removes from each path before the server sees it; may be empty.
pub(crate) struct MountPrefix(pub(crate) String);

/// All linked endpoints, with their current status.
pub(super) struct Current {
    services: Arc<Services>,
    key: IndexTextKey,
    /// The prefix of paths in links of the page.
    base: String,
    pub(super) linked_page: LinkedPage,
}

impl Current {
    /// The index as JSON with two spaces of indent.
    pub(super) fn json(self) -> Result<Bytes, AdminError> {
        self.text(|index, _| {
            let text = serde_json::to_vec_pretty(&index);
            text.map_err(|error| AdminError::internal(error.to_string()))
        })
    }

    /// The page without scripts.
    pub(super) fn list(mut self) -> Result<Bytes, AdminError> {
        self.key.base = Some(self.base.clone());
        self.text(|index, base| Ok(page(&index, base).into()))
    }

    fn text(
        self,
        write: impl FnOnce(Index, &str) -> Result<Vec<u8>, AdminError>,
    ) -> Result<Bytes, AdminError> {
        let key = self.key.clone();
        let services = Arc::clone(&self.services);
        let texts = services.get::<IndexTexts>();
        texts.text(key, || {
            let base = self.base.clone();
            write(self.index(), &base).map(Bytes::from)
        })
    }

    fn index(self) -> Index {
        let mut index = self.services.get::<Registry>().index();
        for (entry, status) in index.endpoints.iter_mut().zip(self.key.statuses) {
            entry.status = status;
        }
        if let Some(listed) = &self.key.listed {
            index
                .endpoints
                .retain(|entry| listed.contains(&(entry.method, entry.path)));
        }
        let user_runtime = self.services.get::<Arc<UserRuntimeState>>();
        index.server = user_runtime.server().map(str::to_owned);
        index.user_runtime = self.key.user_runtime;
        index.health_checks = self.services.get::<HealthChecks>().entries();
        index
    }
}

impl Extractor for Current {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let endpoints = request.registry().endpoints().iter();
        let statuses = endpoints
            .map(|endpoint| status(endpoint, request))
            .collect();
        let base = match request.service::<MountPrefix>() {
            MountPrefix(prefix) if !prefix.is_empty() => prefix.clone(),
            MountPrefix(_) => base(request.raw_path()),
        };
        Ok(Self {
            key: IndexTextKey {
                base: None,
                listed: request.listed.clone(),
                statuses,
                user_runtime: request.service::<Arc<UserRuntimeState>>().status(),
            },
            base,
            linked_page: *request.service::<LinkedPage>(),
            services: Arc::clone(&request.services),
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
