//! What one listener permits, whoever asks.

use http::HeaderMap;

use super::effect::Exposure;
use super::identity::Identity;
use super::proxy_header::is_proxied;
use crate::endpoint::Effect;
use crate::request::Peer;
use crate::response::AdminError;

/// The uid of root, who can do everything to the process anyway.
const ROOT: u32 = 0;

/// The rules of one listener; those of a server without a socket forbid nothing.
#[derive(Clone, Debug)]
pub(crate) struct ListenerPolicy {
    /// As the log and messages name it: an address, a path, a name of systemd.
    pub(crate) name: String,
    pub(crate) exposure: Exposure,
    /// The port of a `Host` without one: that of HTTP or of HTTPS; `None` where only the client knows.
    pub(crate) default_port: Option<u16>,
    /// The highest effect that it permits.
    pub(crate) max_effect: Effect,
    /// The users, beside root, whose requests over a Unix socket need no credentials.
    pub(crate) trusted_uids: Vec<u32>,
    /// The names of client certificates that are accepted, all if it is empty; `None` if there are no
    /// such certificates.
    pub(crate) client_names: Option<Vec<String>>,
}

/// What the certificate of a client says, once its signature is checked.
#[cfg_attr(
    not(feature = "tls"),
    allow(dead_code, reason = "only TLS has certificates")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientCertificate {
    /// The name of the caller.
    Accepted(String),
    /// A name of a client that is not one of those that are accepted.
    Refused(String),
}

/// The caller of a certificate without a name.
#[cfg(feature = "tls")]
const UNNAMED_CLIENT: &str = "client certificate";

impl ListenerPolicy {
    /// That of requests that come over no socket of the server.
    pub(crate) fn without_socket(exposure: Exposure) -> Self {
        Self {
            name: String::new(),
            exposure,
            default_port: None,
            max_effect: Effect::Dangerous,
            trusted_uids: Vec::new(),
            client_names: None,
        }
    }

    /// The caller that the peer itself proves: a user of this machine that may write. That of a proxy
    /// proves nothing about its clients.
    pub(crate) fn identity_of(&self, peer: Peer, headers: &HeaderMap) -> Option<Identity> {
        let Peer::User(uid) = peer else {
            return None;
        };
        let is_trusted = uid == ROOT || self.trusted_uids.contains(&uid);
        (is_trusted && !is_proxied(headers)).then(|| Identity::new(peer.to_string()))
    }

    /// The port of a `Host` without one; a proxy may speak TLS to the client, and none to the server.
    pub(crate) fn default_port_of(&self, headers: &HeaderMap) -> Option<u16> {
        self.default_port.filter(|_| !is_proxied(headers))
    }

    /// The caller of a certificate with these names.
    #[cfg(feature = "tls")]
    pub(crate) fn client_of(&self, names: &[String]) -> ClientCertificate {
        let allowed = self.client_names.as_deref().unwrap_or_default();
        let first = names.first().map_or(UNNAMED_CLIENT, String::as_str);
        if allowed.is_empty() {
            return ClientCertificate::Accepted(first.to_owned());
        }
        match names.iter().find(|name| allowed.contains(name)) {
            Some(name) => ClientCertificate::Accepted(name.clone()),
            None => ClientCertificate::Refused(first.to_owned()),
        }
    }

    /// Whether a request of this effect may come this way.
    ///
    /// # Errors
    ///
    /// 403 that names the listener and its ceiling.
    pub(crate) fn check_effect(&self, effect: Effect) -> Result<(), AdminError> {
        if effect <= self.max_effect {
            return Ok(());
        }
        let Self {
            name, max_effect, ..
        } = self;
        Err(AdminError::forbidden(format!(
            "The listener {name} permits effects up to `{max_effect}`, and this request has the effect `{effect}`: use another listener"
        )))
    }

    /// Who may do what without credentials, and where the rest is limited, for the log.
    pub(crate) fn access_without_credentials(&self) -> String {
        let up_to = |effect: Effect| effect.min(self.max_effect);
        match self.exposure {
            Exposure::Loopback => format!("anyone on this machine ({})", up_to(Effect::Dangerous)),
            Exposure::UnixSocket => format!("others ({})", Effect::Read),
            Exposure::Network | Exposure::Mounted | Exposure::Proxied => {
                format!("anyone ({})", Effect::Read)
            }
        }
    }

    /// The clients that certificates name, for the log.
    pub(crate) fn certified_clients(&self) -> Option<String> {
        let names = match self.client_names.as_deref()? {
            [] => "any client certificate of the CA".to_owned(),
            names => format!("client certificates of {}", names.join(", ")),
        };
        Some(format!("{names} ({})", self.max_effect))
    }

    /// The users of a Unix socket that may write, for the log.
    pub(crate) fn trusted_users(&self) -> Option<String> {
        if self.exposure != Exposure::UnixSocket {
            return None;
        }
        let uids = self.trusted_uids.iter().filter(|uid| **uid != ROOT);
        let uids: Vec<_> = uids.map(|uid| format!("uid {uid}")).collect();
        let uids = [vec!["root".to_owned()], uids].concat();
        Some(format!("{} ({})", uids.join(", "), self.max_effect))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn policy(exposure: Exposure) -> ListenerPolicy {
        ListenerPolicy {
            name: "/run/app.sock".to_owned(),
            trusted_uids: vec![1000],
            ..ListenerPolicy::without_socket(exposure)
        }
    }

    #[test]
    fn ceiling_is_named_with_its_listener() {
        let policy = ListenerPolicy {
            max_effect: Effect::Write,
            ..policy(Exposure::Loopback)
        };
        assert!(policy.check_effect(Effect::Read).is_ok());
        assert!(policy.check_effect(Effect::Write).is_ok());
        let refused = policy.check_effect(Effect::Dangerous).unwrap_err();
        let text = "The listener /run/app.sock permits effects up to `write`, and this request has the effect `dangerous`: use another listener";
        assert!(refused.to_string().ends_with(text), "{refused}");
    }

    #[test]
    fn trusted_users_need_no_credentials() {
        let policy = policy(Exposure::UnixSocket);
        let none = HeaderMap::new();
        for (peer, expected) in [
            (Peer::User(1000), Some("uid 1000")),
            (Peer::User(ROOT), Some("uid 0")),
            (Peer::User(1001), None),
            (Peer::Unknown, None),
        ] {
            let identity = policy.identity_of(peer, &none);
            assert_eq!(identity.as_ref().map(Identity::name), expected);
        }
        let value = HeaderValue::from_static("192.0.2.1");
        let proxied = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), value)]);
        assert_eq!(policy.identity_of(Peer::User(1000), &proxied), None);
    }

    #[cfg(feature = "tls")]
    #[test]
    fn certificates_are_accepted_by_name() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let any = ListenerPolicy {
            client_names: Some(Vec::new()),
            ..policy(Exposure::Network)
        };
        let some = ListenerPolicy {
            client_names: Some(names(&["prometheus", "ops.example"])),
            ..any.clone()
        };
        let accepted = |name: &str| ClientCertificate::Accepted(name.to_owned());
        let both: Vec<_> = names(&["operator", "ops.example"]);
        assert_eq!(any.client_of(&both), accepted("operator"));
        assert_eq!(some.client_of(&both), accepted("ops.example"));
        let refused = some.client_of(&names(&["other"]));
        assert_eq!(refused, ClientCertificate::Refused("other".to_owned()));
        assert_eq!(any.client_of(&[]), accepted(UNNAMED_CLIENT));
        let refused = some.client_of(&[]);
        assert_eq!(
            refused,
            ClientCertificate::Refused(UNNAMED_CLIENT.to_owned())
        );
    }
}
