//! Whether a reply is compressed: only if the client asks for it from another machine.

use std::net::SocketAddr;

use admin_runtime::accept::quality;
use http::header::{ACCEPT_ENCODING, HeaderMap};

/// Whether the reply to a request with these headers from this peer is compressed with gzip.
///
/// Compressing costs ten times as much as rendering, from which a loopback client has no benefit.
pub(super) fn use_gzip(headers: &HeaderMap, peer: Option<SocketAddr>) -> bool {
    !is_loopback(peer) && quality(headers.get_all(ACCEPT_ENCODING), "gzip") > 0
}

/// Whether the peer is on this machine. An unknown peer counts as remote.
fn is_loopback(peer: Option<SocketAddr>) -> bool {
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_only_on_request() {
        let remote = Some("10.0.0.1:1".parse().unwrap());
        for (accepted, expected) in [
            (&["br, gzip"][..], true),
            (&["br", "gzip;q=0.5"], true),
            (&["gzip;q=0, *"], false),
            (&["br"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in accepted {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(use_gzip(&headers, remote), expected, "{accepted:?}");
        }
    }

    #[test]
    fn loopback_clients_get_plain_text() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for (peer, expected) in [
            ("127.3.4.5:1", false),
            ("[::1]:1", false),
            ("[::ffff:127.0.0.1]:1", false),
            ("10.0.0.1:1", true),
        ] {
            assert_eq!(use_gzip(&headers, Some(peer.parse().unwrap())), expected);
        }
        assert!(use_gzip(&headers, None));
    }
}
