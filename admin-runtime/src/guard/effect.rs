//! Which effects a server lets in, by where it can be reached from.

use crate::endpoint::{Effect, EndpointDescriptor};
use crate::request::Query;
use crate::response::AdminError;

/// How a request reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Through a socket that only this machine reaches.
    Loopback,
    /// Through a socket that others reach.
    Network,
    /// Through a filter mounted in an application, which hides the peer.
    Mounted,
}

/// The effect of a request: the endpoint's, raised by its query parameters.
pub(crate) fn effect_of(endpoint: &EndpointDescriptor, query: &Query) -> Effect {
    let raised = endpoint
        .effect_if
        .iter()
        .filter(|rule| query.has(rule.query));
    raised
        .map(|rule| rule.effect)
        .fold(endpoint.effect, Effect::max)
}

/// Whether a request may have this effect. Only loopback and authenticated callers change things.
pub(crate) fn may(effect: Effect, door: Door, authenticated: bool) -> Result<(), AdminError> {
    if effect == Effect::Read || authenticated {
        return Ok(());
    }
    match door {
        Door::Loopback => Ok(()),
        Door::Network => Err(AdminError::forbidden(
            "This server is bound beyond loopback without authentication, so it only answers reads: configure token(..) or authenticator(..), or bind to 127.0.0.1",
        )),
        Door::Mounted => Err(AdminError::forbidden(
            "This server is mounted and does not know its callers, so it only answers reads: configure token(..), authenticator(..) or trust_loopback()",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_need_loopback_or_a_name() {
        for effect in [Effect::Write, Effect::Dangerous] {
            assert!(may(effect, Door::Loopback, false).is_ok());
            assert!(may(effect, Door::Network, false).is_err());
            assert!(may(effect, Door::Mounted, false).is_err());
            assert!(may(effect, Door::Network, true).is_ok());
            assert!(may(effect, Door::Mounted, true).is_ok());
        }
        assert!(may(Effect::Read, Door::Network, false).is_ok());
        assert!(may(Effect::Read, Door::Mounted, false).is_ok());
    }
}
