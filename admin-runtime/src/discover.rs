//! What is linked into this binary: the only reader of the link-time registry.

use crate::endpoint::EndpointDescriptor;
use crate::registry::LinkExpectation;

inventory::collect!(EndpointDescriptor);
inventory::collect!(LinkExpectation);

/// Every registered endpoint, in no particular order.
pub(crate) fn endpoints() -> impl Iterator<Item = EndpointDescriptor> {
    inventory::iter::<EndpointDescriptor>.into_iter().copied()
}

/// Every crate that `link!` names.
pub(crate) fn link_expectations() -> impl Iterator<Item = LinkExpectation> {
    inventory::iter::<LinkExpectation>.into_iter().copied()
}
