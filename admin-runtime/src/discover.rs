//! What is linked into this binary: the only reader of the link-time registry.

use crate::audit_mask::AuditMaskRegistration;
use crate::build_info::{BuildInfo, BuildRegistration};
use crate::endpoint::EndpointDescriptor;
use crate::health::descriptor::HealthCheckDescriptor;
use crate::index::IndexPageRegistration;
use crate::periodic::descriptor::PeriodicDescriptor;
use crate::registry::LinkExpectation;

inventory::collect!(AuditMaskRegistration);
inventory::collect!(BuildRegistration);
inventory::collect!(EndpointDescriptor);
inventory::collect!(HealthCheckDescriptor);
inventory::collect!(IndexPageRegistration);
inventory::collect!(LinkExpectation);
inventory::collect!(PeriodicDescriptor);

/// Every registered endpoint, in no particular order.
pub(crate) fn endpoints() -> impl Iterator<Item = EndpointDescriptor> {
    inventory::iter::<EndpointDescriptor>.into_iter().copied()
}

/// Every registered periodic thread, in no particular order.
pub(crate) fn periodic_threads() -> impl Iterator<Item = PeriodicDescriptor> {
    inventory::iter::<PeriodicDescriptor>.into_iter().copied()
}

/// Every registered health check, in no particular order.
pub(crate) fn health_checks() -> impl Iterator<Item = HealthCheckDescriptor> {
    inventory::iter::<HealthCheckDescriptor>
        .into_iter()
        .copied()
}

/// Every `build_info!` of the binary.
pub(crate) fn build_registrations() -> impl Iterator<Item = BuildRegistration> {
    inventory::iter::<BuildRegistration>.into_iter().copied()
}

/// Every `audit_mask!` of the binary.
pub(crate) fn audit_masks() -> impl Iterator<Item = AuditMaskRegistration> {
    inventory::iter::<AuditMaskRegistration>
        .into_iter()
        .copied()
}

/// Every `index_page!` of the binary.
pub(crate) fn index_pages() -> impl Iterator<Item = IndexPageRegistration> {
    inventory::iter::<IndexPageRegistration>
        .into_iter()
        .copied()
}

impl BuildInfo {
    /// That of this program.
    #[must_use]
    pub fn linked() -> Self {
        Self::new(build_registrations().next().as_ref())
    }
}

/// Every crate that `link!` names.
pub(crate) fn link_expectations() -> impl Iterator<Item = LinkExpectation> {
    inventory::iter::<LinkExpectation>.into_iter().copied()
}
