//! Addresses of instances, and which of them no configuration allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use admin_runtime::text::excerpt;

use super::limits::MAX_QUOTED_CHARS;

/// Addresses at which clouds serve credentials of the machine, beside those that are link-local.
const METADATA: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

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
pub(super) fn refused_kind(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => refused_v4(ip),
        IpAddr::V6(ip) if ip.is_unspecified() => Some("an unspecified address"),
        IpAddr::V6(ip) if ip.is_multicast() => Some("a multicast address"),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V6(ip) if ip.is_loopback() => None,
        IpAddr::V6(ip) => embedded_v4(ip).find_map(|ip| {
            let loopback = ip
                .is_loopback()
                .then_some("a loopback address in another form");
            loopback.or_else(|| refused_v4(ip))
        }),
    }
}

/// Whether a cloud serves credentials of the machine there, so that only a range of exactly this address allows
/// it.
pub(super) fn is_metadata(ip: IpAddr) -> bool {
    METADATA.contains(&ip)
        || match ip {
            IpAddr::V4(_) => false,
            IpAddr::V6(ip) => embedded_v4(ip).any(|ip| METADATA.contains(&ip.into())),
        }
}

fn refused_v4(ip: Ipv4Addr) -> Option<&'static str> {
    match ip.octets()[0] {
        0 => Some("an unspecified address"),
        224..=239 => Some("a multicast address"),
        240..=255 => Some("a reserved address"),
        _ if ip.is_link_local() => Some("a link-local address, among which are those of metadata"),
        _ => None,
    }
}

/// The IPv4 addresses to which a gateway or the kernel may translate an IPv6 one.
fn embedded_v4(ip: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let bytes = ip.octets();
    let at = |places: [usize; 4]| Some(Ipv4Addr::from(places.map(|place| bytes[place])));
    let last = at([12, 13, 14, 15]);
    let found = match ip.segments() {
        // Of ::/96, ::ffff:0:0:0/96 (RFC 2765) and 64:ff9b::/96 (RFC 6052).
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            [last, None, None, None]
        }
        // RFC 8215: the prefix of the gateway may have 48, 56, 64 or 96 bits. Zeros belong to a longer one.
        [0x64, 0xff9b, 1, ..] => {
            let shorter = [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12]];
            let [a, b, c] = shorter.map(|places| at(places).filter(|ip| ip.octets()[0] != 0));
            // With a shorter prefix the rest is zero.
            [a, b, c, last.filter(|ip| !ip.is_unspecified())]
        }
        // 6to4.
        [0x2002, ..] => [at([2, 3, 4, 5]), None, None, None],
        // Teredo: the server, and the client with all bits inverted.
        [0x2001, 0, ..] => {
            let client = last.map(|ip| Ipv4Addr::from_bits(!ip.to_bits()));
            [at([4, 5, 6, 7]), client, None, None]
        }
        // ISATAP.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => [last, None, None, None],
        _ => [None; 4],
    };
    found.into_iter().flatten()
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
            ("[64:ff9b:1::10.0.0.7]:80", "[64:ff9b:1::a00:7]:80"),
            ("[64:ff9b:1:a00:0:700::]:80", "[64:ff9b:1:a00:0:700::]:80"),
            ("[2001:db8::5efe:10.0.0.7]:80", "[2001:db8::5efe:a00:7]:80"),
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
            ("240.0.0.1:80", "reserved"),
            ("255.255.255.255:80", "reserved"),
            ("169.254.169.254:80", "link-local"),
            ("[::ffff:169.254.169.254]:80", "link-local"),
            ("[::ffff:a9fe:a9fe]:80", "link-local"),
            ("[::169.254.169.254]:80", "link-local"),
            ("[64:ff9b::169.254.169.254]:80", "link-local"),
            ("[2002:a9fe:a9fe::1]:80", "link-local"),
            ("[fe80::1]:80", "link-local"),
            ("[febf::1]:80", "link-local"),
            ("[::ffff:0:169.254.169.254]:80", "link-local"),
            ("[64:ff9b:1::169.254.169.254]:80", "link-local"),
            ("[64:ff9b:1:a9fe:a9:fe00::]:80", "link-local"),
            ("[64:ff9b:1:a9:fe:a9fe::]:80", "link-local"),
            ("[64:ff9b:1:0:a9:fea9:fe00::]:80", "link-local"),
            ("[2001:db8::5efe:169.254.169.254]:80", "link-local"),
            ("[2001:db8::200:5efe:a9fe:a9fe]:80", "link-local"),
            ("[2001:0:a00:7::5601:5601]:80", "link-local"),
            ("[2001:0:a9fe:a9fe::f5ff:fff8]:80", "link-local"),
            (
                "[64:ff9b::127.0.0.1]:80",
                "loopback address in another form",
            ),
            ("[::127.0.0.1]:80", "loopback address in another form"),
            ("[2002:f000:1::1]:80", "reserved"),
        ] {
            let error = parse_instance_address(given).unwrap_err();
            assert!(error.contains(kind), "{given}: {error}");
        }
    }

    #[test]
    fn metadata_addresses_are_known_in_all_forms() {
        for (given, expected) in [
            ("100.100.100.200", true),
            ("168.63.129.16", true),
            ("192.0.0.192", true),
            ("fd00:ec2::254", true),
            ("fd00:ec2::23", true),
            ("fd20:ce::254", true),
            ("64:ff9b::100.100.100.200", true),
            ("64:ff9b:1::100.100.100.200", true),
            ("2002:a83f:8110::1", true),
            ("100.100.100.201", false),
            ("fd00:ec2::255", false),
        ] {
            assert_eq!(is_metadata(given.parse().unwrap()), expected, "{given}");
        }
    }
}
