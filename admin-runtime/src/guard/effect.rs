//! Which effects a server accepts, by its exposure.

use http::HeaderMap;

use super::proxy_header::is_proxied;
use crate::endpoint::{Effect, EndpointDescriptor};
use crate::request::{QueryParameters, RequestContext};
use crate::response::AdminError;

/// How a request reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// Through a socket that only this machine reaches.
    Loopback,
    /// Through a socket that others reach.
    Network,
    /// Through a Unix socket, whose peer is a user of this machine.
    UnixSocket,
    /// Through a filter mounted in an application, which hides the peer.
    Mounted,
    /// Through a proxy, which hides the peer.
    Proxied,
}

impl RequestContext {
    /// Whether it came over loopback and not through a proxy, or its caller has presented credentials.
    ///
    /// What an unknown reader may not see depends on this, such as the text of an error. It does not
    /// depend on the address that the server is bound to: a caller inside the pod or on the machine that
    /// connects over loopback is trusted. The peer of a mounted server is not known.
    ///
    /// ```standalone_crate
    /// use admin_runtime::describe::ArgumentDescriptor;
    /// use admin_runtime::{AdminError, AdminServer, Extractor, RequestContext, admin_endpoint};
    ///
    /// struct Trusted(bool);
    ///
    /// impl Extractor for Trusted {
    ///     fn extract(request: &mut RequestContext, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
    ///         Ok(Self(request.is_trusted()))
    ///     }
    /// }
    ///
    /// #[admin_endpoint(path = "/reason")]
    /// async fn reason(trusted: Trusted) -> &'static str {
    ///     if trusted.0 { "the disk of db-3 is full" } else { "reason withheld" }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = AdminServer::builder().build()?.test_client();
    /// assert_eq!(client.get("/reason").await.text(), "the disk of db-3 is full");
    /// let proxied = client.get("/reason").header("x-forwarded-for", "192.0.2.1");
    /// assert_eq!(proxied.await.text(), "reason withheld");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        let peer = self.caller.peer();
        let is_peer_local = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        let is_local = (self.is_loopback || is_peer_local) && !is_proxied(&self.headers);
        is_local || self.caller.identity.is_some()
    }
}

impl Exposure {
    /// The exposure of one request: a proxy on this machine makes every client look local.
    pub(crate) fn of_request(self, headers: &HeaderMap) -> Self {
        match self {
            Self::Loopback | Self::UnixSocket if is_proxied(headers) => Self::Proxied,
            exposure => exposure,
        }
    }
}

/// The effect of a request: the endpoint's, raised by its query parameters.
pub(crate) fn effect_of(endpoint: &EndpointDescriptor, query: &QueryParameters) -> Effect {
    let raised = endpoint
        .effect_if
        .iter()
        .filter(|rule| query.has(rule.query));
    raised
        .map(|rule| rule.effect)
        .fold(endpoint.effect, Effect::max)
}

/// Whether a request may have this effect. Only loopback and authenticated callers change things, and
/// `ceiling` is the highest effect that the credentials permit, if the caller has presented some.
pub(crate) fn authorize(
    effect: Effect,
    exposure: Exposure,
    ceiling: Option<Effect>,
) -> Result<(), AdminError> {
    match ceiling {
        Some(ceiling) if effect <= ceiling => return Ok(()),
        Some(ceiling) => {
            return Err(AdminError::forbidden(format!(
                "These credentials permit effects up to `{ceiling}`, and this request has the effect `{effect}`: use credentials that permit it"
            )));
        }
        None if effect == Effect::Read => return Ok(()),
        None => {}
    }
    match exposure {
        Exposure::Loopback => Ok(()),
        Exposure::Proxied => Err(AdminError::forbidden(
            "This request came through a proxy, which hides its sender, so only reads are answered: configure token(..) or authenticator(..)",
        )),
        Exposure::Network => Err(AdminError::forbidden(
            "This server is bound beyond loopback without authentication, so it only answers reads: configure token(..) or authenticator(..), or bind to 127.0.0.1",
        )),
        Exposure::UnixSocket => Err(AdminError::forbidden(
            "Over this Unix socket only the user of the server and root may do more than read: add others with allow_uids(..), or configure token(..) or authenticator(..)",
        )),
        Exposure::Mounted => Err(AdminError::forbidden(
            "This server is mounted and does not know its callers, so it only answers reads: configure token(..), authenticator(..) or trust_loopback()",
        )),
    }
}

/// Whether a request may read sensitive data. Only loopback and authenticated callers do.
pub(crate) fn authorize_sensitive(
    exposure: Exposure,
    authenticated: bool,
) -> Result<(), AdminError> {
    if authenticated {
        return Ok(());
    }
    match exposure {
        Exposure::Loopback => Ok(()),
        Exposure::Proxied => Err(AdminError::forbidden(
            "This endpoint shows sensitive data and this request came through a proxy, which hides its sender: configure token(..) or authenticator(..)",
        )),
        Exposure::Network => Err(AdminError::forbidden(
            "This endpoint shows sensitive data and this server is bound beyond loopback without authentication: configure token(..) or authenticator(..), or bind to 127.0.0.1",
        )),
        Exposure::UnixSocket => Err(AdminError::forbidden(
            "This endpoint shows sensitive data, which over this Unix socket only the user of the server and root may read: add others with allow_uids(..), or configure token(..) or authenticator(..)",
        )),
        Exposure::Mounted => Err(AdminError::forbidden(
            "This endpoint shows sensitive data and this server is mounted and does not know its callers: configure token(..), authenticator(..) or trust_loopback()",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Option<Effect> = Some(Effect::Dangerous);

    #[test]
    fn ceiling_holds_on_loopback_too() {
        let effects = [Effect::Read, Effect::Write, Effect::Dangerous];
        for ceiling in effects {
            for effect in effects {
                for exposure in [Exposure::Loopback, Exposure::Network] {
                    let permitted = authorize(effect, exposure, Some(ceiling)).is_ok();
                    assert_eq!(permitted, effect <= ceiling, "{effect} with {ceiling}");
                }
            }
        }
        let refused = authorize(Effect::Write, Exposure::Loopback, Some(Effect::Read));
        let text = "These credentials permit effects up to `read`, and this request has the effect `write`: use credentials that permit it";
        assert!(refused.unwrap_err().to_string().ends_with(text));
    }

    #[test]
    fn a_proxied_request_is_not_local() {
        let value = http::HeaderValue::from_static("192.0.2.1");
        let headers = HeaderMap::from_iter([("via".parse().unwrap(), value)]);
        assert_eq!(Exposure::Loopback.of_request(&headers), Exposure::Proxied);
        assert_eq!(Exposure::Network.of_request(&headers), Exposure::Network);
        let exposure = Exposure::Loopback.of_request(&HeaderMap::new());
        assert_eq!(exposure, Exposure::Loopback);
        assert!(authorize(Effect::Write, Exposure::Proxied, None).is_err());
        assert!(authorize(Effect::Write, Exposure::Proxied, FULL).is_ok());
        assert!(authorize(Effect::Read, Exposure::Proxied, None).is_ok());
    }

    #[test]
    fn sensitive_reads_need_loopback_or_a_name() {
        for exposure in [Exposure::Proxied, Exposure::Network, Exposure::Mounted] {
            let refused = authorize_sensitive(exposure, false).unwrap_err();
            assert_eq!(refused.status(), http::StatusCode::FORBIDDEN);
            assert!(
                refused.to_string().contains("configure token(..)"),
                "{refused}"
            );
            assert!(authorize_sensitive(exposure, true).is_ok());
        }
        assert!(authorize_sensitive(Exposure::Loopback, false).is_ok());
    }

    #[test]
    fn writes_need_loopback_or_a_name() {
        for effect in [Effect::Write, Effect::Dangerous] {
            assert!(authorize(effect, Exposure::Loopback, None).is_ok());
            assert!(authorize(effect, Exposure::Network, None).is_err());
            assert!(authorize(effect, Exposure::Mounted, None).is_err());
            assert!(authorize(effect, Exposure::Network, FULL).is_ok());
            assert!(authorize(effect, Exposure::Mounted, FULL).is_ok());
        }
        assert!(authorize(Effect::Read, Exposure::Network, None).is_ok());
        assert!(authorize(Effect::Read, Exposure::Mounted, None).is_ok());
    }
}
