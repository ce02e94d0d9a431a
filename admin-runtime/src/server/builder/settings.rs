//! Name, limits, and which endpoints there are.

use super::Builder;
use crate::endpoint::EndpointDescriptor;
use crate::limits::Limits;

impl Builder {
    /// Names the server: the `server` label of its metrics, to tell two in one process apart. The
    /// second server of a process that runs periodic threads needs one.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Replaces the [`Limits`]. One of zero that refuses every request is an error of `build()`.
    ///
    /// ```
    /// use admin_runtime::{AdminServer, Limits};
    ///
    /// let builder = AdminServer::builder().limits(Limits::default().with_max_connections(0));
    /// let error = builder.build().unwrap_err();
    /// let text = "limits(..): max_connections is 0, so every connection would be refused: expected at least 1";
    /// assert_eq!(error.problems()[0].to_string(), text);
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// `false` leaves the linked periodic threads out of this server. Default `true`:
    /// [`start`](Self::start) starts them. Those built at run time join in either case.
    pub fn periodic(mut self, on: bool) -> Self {
        self.periodic = on;
        self
    }

    /// Takes endpoints off this server: a path as declared (`/cache/{tier}`), a method and a path
    /// (`POST /run_script`), or all below a prefix (`/cache/*`). A pattern that fits nothing is an
    /// error of `build()`.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.exclude.push(pattern.into());
        self
    }

    /// Adds an endpoint that only this server has, beside those that are linked.
    pub fn endpoint(mut self, endpoint: EndpointDescriptor) -> Self {
        self.endpoints.push(endpoint);
        self
    }
}
