//! What one listener permits, whoever asks.

use http::HeaderMap;

use super::effect::{Exposure, is_proxied};
use super::identity::Identity;
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
    /// The highest effect that it permits.
    pub(crate) max_effect: Effect,
    /// The users, beside root, whose requests over a Unix socket need no credentials.
    pub(crate) trusted_uids: Vec<u32>,
}

impl ListenerPolicy {
    /// That of requests that come over no socket of the server.
    pub(crate) fn without_socket(exposure: Exposure) -> Self {
        Self {
            name: String::new(),
            exposure,
            max_effect: Effect::Dangerous,
            trusted_uids: Vec::new(),
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
}
