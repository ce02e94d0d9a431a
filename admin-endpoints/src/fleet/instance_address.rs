//! Addresses of instances, and which of them no configuration allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use admin_runtime::text::excerpt;

use super::limits::MAX_QUOTED_CHARS;

/// An IPv6 address at which a cloud serves credentials of the machine.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Parses `IP:PORT`. An IPv6 address that maps an IPv4 one becomes that.
///
/// # Errors
///
/// Why no instance can have this address.
pub(super) fn parse_instance_address(given: &str) -> Result<SocketAddr, String> {
    let quoted = excerpt(given, MAX_QUOTED_CHARS);
    let expected = "expected IP:PORT, such as 10.0.0.7:7000 or [2001:db8::7]:7000";
    let parsed: Option<SocketAddr> = given.parse().ok();
    // A zone, as in [fe80::1%2]:80, says something on one machine only.
    let parsed = parsed.filter(|_| !given.contains('%'));
    let Some(parsed) = parsed else {
        return Err(format!("Invalid address: '{quoted}'; {expected}"));
    };
    let address = SocketAddr::new(parsed.ip().to_canonical(), parsed.port());
    if address.port() == 0 {
        return Err(format!(
            "Invalid address: '{quoted}' has port 0; {expected}"
        ));
    }
    match refused_kind(address.ip()) {
        Some(kind) => Err(format!(
            "Invalid address: '{quoted}' is {kind}, which no instance can have"
        )),
        None => Ok(address),
    }
}

/// What an address is that must never be asked, whatever is allowed.
fn refused_kind(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => refused_v4(ip),
        IpAddr::V6(ip) if ip.is_unspecified() => Some("an unspecified address"),
        IpAddr::V6(ip) if ip.is_multicast() => Some("a multicast address"),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V6(METADATA_V6) => Some("a metadata address"),
        IpAddr::V6(ip) if ip.is_loopback() => None,
        IpAddr::V6(ip) => embedded_v4(ip).and_then(refused_v4),
    }
}

fn refused_v4(ip: Ipv4Addr) -> Option<&'static str> {
    if ip.octets()[0] == 0 {
        Some("an unspecified address")
    } else if ip.is_multicast() {
        Some("a multicast address")
    } else if ip.is_broadcast() {
        Some("a broadcast address")
    } else if ip.is_link_local() {
        Some("a link-local address, among which are those of metadata")
    } else {
        None
    }
}

/// The IPv4 address to which a gateway or the kernel may translate an IPv6 one: those of ::/96 and
/// 64:ff9b::/96, and of 6to4 (2002::/16).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(join(high, low))
        }
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_canonical() {
        for (given, expected) in [
            ("10.0.0.7:7000", "10.0.0.7:7000"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]:7000", "[::1]:7000"),
            ("[2001:DB8::7]:65535", "[2001:db8::7]:65535"),
            ("[::ffff:10.0.0.7]:7000", "10.0.0.7:7000"),
            ("[64:ff9b::10.0.0.7]:80", "[64:ff9b::a00:7]:80"),
        ] {
            let parsed = parse_instance_address(given).map(|address| address.to_string());
            assert_eq!(parsed.as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn names_and_incomplete_addresses_are_refused() {
        for given in [
            "",
            "localhost:7000",
            "worker.example:7000",
            "10.0.0.7",
            "10.0.0.7:",
            "10.0.0.7:65536",
            "010.0.0.7:7000",
            "0x7f.1:80",
            "2130706433:80",
            "::1:7000",
            "http://10.0.0.7:7000",
            "10.0.0.7:7000/",
            " 10.0.0.7:7000",
            "user@10.0.0.7:7000",
            "[2001:db8::7%1]:7000",
        ] {
            let error = parse_instance_address(given).unwrap_err();
            assert!(error.contains("expected IP:PORT"), "{given}: {error}");
        }
        let error = parse_instance_address("10.0.0.7:0").unwrap_err();
        assert!(error.contains("has port 0"), "{error}");
    }

    #[test]
    fn addresses_of_no_instance_are_named() {
        for (given, kind) in [
            ("0.0.0.0:80", "unspecified"),
            ("0.1.2.3:80", "unspecified"),
            ("[::]:80", "unspecified"),
            ("[::ffff:0.0.0.0]:80", "unspecified"),
            ("224.0.0.1:80", "multicast"),
            ("[ff02::1]:80", "multicast"),
            ("255.255.255.255:80", "broadcast"),
            ("169.254.169.254:80", "link-local"),
            ("[::ffff:169.254.169.254]:80", "link-local"),
            ("[::ffff:a9fe:a9fe]:80", "link-local"),
            ("[::169.254.169.254]:80", "link-local"),
            ("[64:ff9b::169.254.169.254]:80", "link-local"),
            ("[2002:a9fe:a9fe::1]:80", "link-local"),
            ("[fe80::1]:80", "link-local"),
            ("[febf::1]:80", "link-local"),
            ("[fd00:ec2::254]:80", "metadata"),
        ] {
            let error = parse_instance_address(given).unwrap_err();
            assert!(error.contains(kind), "{given}: {error}");
        }
    }
}
