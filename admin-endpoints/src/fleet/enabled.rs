//! The directory of the server of a request, if it has one.

use std::ops::Deref;
use std::sync::Arc;

use admin_runtime::describe::{ArgumentDescriptor, EndpointStatus, ResourceContext};
use admin_runtime::{AdminError, Extractor, RequestContext};

use super::client::LoadedCredentials;
use super::config::FleetConfig;

const NOT_CONFIGURED_MESSAGE: &str = "This server has no directory of instances: add \
    `.config(admin_endpoints::fleet::FleetConfig::new())` to its builder";

/// The settings that a server was given; without them a request is a 501.
pub(super) struct EnabledFleet {
    config: Arc<FleetConfig>,
    /// Whether the caller may see the reasons of failed checks.
    pub(super) is_trusted: bool,
}

impl EnabledFleet {
    /// What instances are asked with.
    ///
    /// # Errors
    ///
    /// 503 if a file cannot be used.
    pub(super) async fn credentials(&self) -> Result<LoadedCredentials, AdminError> {
        let loaded = self.sources().load().await;
        loaded.map_err(|error| AdminError::unavailable(error.to_string()))
    }
}

impl Deref for EnabledFleet {
    type Target = FleetConfig;

    fn deref(&self) -> &FleetConfig {
        &self.config
    }
}

impl Extractor for EnabledFleet {
    fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        let config = request.config::<FleetConfig>();
        let missing = || AdminError::not_implemented(NOT_CONFIGURED_MESSAGE);
        Ok(Self {
            config: config.ok_or_else(missing)?,
            is_trusted: request.is_trusted(),
        })
    }
}

/// The status of the routes in the index.
pub(super) fn directory_status(request: &RequestContext) -> EndpointStatus {
    let status = EndpointStatus::new();
    match request.config::<FleetConfig>() {
        None => status.with("directory", NOT_CONFIGURED_MESSAGE),
        Some(config) => {
            let count = config.shared().instances().len();
            status
                .with("directory", "configured")
                .with("instances", count.to_string())
        }
    }
}

/// Reads the files once, so that a server whose settings cannot be used does not start.
///
/// # Errors
///
/// Why the token or the CA cannot be used.
pub(super) fn check_credentials(context: &ResourceContext<'_>) -> Result<(), String> {
    match context.config::<FleetConfig>() {
        None => Ok(()),
        Some(config) => config.sources().load_blocking().map(drop),
    }
}
