//! Which addresses may register.

use std::fmt;
use std::net::IpAddr;

use admin_runtime::text::excerpt;
use ipnet::IpNet;

use super::instance_address::{is_metadata, refused_kind};
use super::limits::MAX_QUOTED_CHARS;

/// Ranges of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Debug)]
pub(super) struct AddressRanges(Vec<IpNet>);

impl AddressRanges {
    /// Those of this machine: 127.0.0.0/8 and ::1.
    pub(super) fn loopback() -> Self {
        let ranges = ["127.0.0.0/8", "::1/128"];
        Self(
            ranges
                .iter()
                .filter_map(|range| range.parse().ok())
                .collect(),
        )
    }

    /// # Errors
    ///
    /// The text is not a range.
    pub(super) fn add(&mut self, range: &str) -> Result<(), InvalidRange> {
        let parsed: Result<IpNet, _> = range.parse();
        let invalid = |problem: &str| InvalidRange {
            given: excerpt(range, MAX_QUOTED_CHARS).to_string(),
            problem: problem.to_owned(),
        };
        let parsed = parsed.map_err(|_| {
            invalid("expected an address and the bits of its network: 10.0.0.0/8, fd00::/8")
        })?;
        if parsed.addr() != parsed.network() {
            return Err(invalid("the address has bits beyond those of the network"));
        }
        if let IpNet::V6(v6) = parsed
            && v6.prefix_len() >= 96
            && v6.addr().to_ipv4_mapped().is_some()
        {
            return Err(invalid(
                "instances have these addresses as IPv4: expected 10.0.0.0/8 instead of ::ffff:10.0.0.0/104",
            ));
        }
        // Each kind is one block: that of the first and of the last address is that of all between.
        let [first, last] = [parsed.network(), parsed.broadcast()].map(refused_kind);
        if let Some(kind) = first.filter(|_| first == last) {
            let reason = format!("no instance can have an address of it, each is {kind}");
            return Err(invalid(&reason));
        }
        self.0.push(parsed);
        Ok(())
    }

    /// Whether an instance may have this address; a metadata address only if a range is exactly that.
    pub(super) fn contain(&self, ip: IpAddr) -> bool {
        let is_metadata = is_metadata(ip);
        let mut ranges = self.0.iter();
        ranges.any(|range| {
            range.contains(&ip) && (!is_metadata || range.network() == range.broadcast())
        })
    }
}

impl fmt::Display for AddressRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&ranges.join(", "))
    }
}

/// A text that is not a range of addresses.
///
/// ```
/// use admin_endpoints::fleet::FleetConfig;
///
/// let error = FleetConfig::new().allow("10.0.0.0/33").unwrap_err();
/// let expected = "expected an address and the bits of its network: 10.0.0.0/8, fd00::/8";
/// assert_eq!(error.to_string(), format!("Invalid range '10.0.0.0/33': {expected}"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRange {
    given: String,
    problem: String,
}

impl fmt::Display for InvalidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid range '{}': {}", self.given, self.problem)
    }
}

impl std::error::Error for InvalidRange {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_their_addresses_only() {
        let mut ranges = AddressRanges::loopback();
        ranges.add("10.0.0.0/8").unwrap();
        ranges.add("fd00::/8").unwrap();
        for (ip, expected) in [
            ("127.0.0.1", true),
            ("127.255.0.1", true),
            ("::1", true),
            ("10.255.255.255", true),
            ("11.0.0.0", false),
            ("9.255.255.255", false),
            ("fd12::1", true),
            ("fc00::1", false),
            ("::2", false),
        ] {
            assert_eq!(ranges.contain(ip.parse().unwrap()), expected, "{ip}");
        }
        assert_eq!(
            ranges.to_string(),
            "127.0.0.0/8, ::1/128, 10.0.0.0/8, fd00::/8"
        );
    }

    #[test]
    fn other_texts_are_refused() {
        let mut ranges = AddressRanges::loopback();
        for given in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "::/129",
            "all",
            "10.0.0.0/-1",
        ] {
            let error = ranges.add(given).unwrap_err().to_string();
            assert!(error.contains("expected an address"), "{error}");
        }
        let error = ranges.add("10.0.0.7/8").unwrap_err().to_string();
        assert!(error.contains("bits beyond"), "{error}");
    }

    #[test]
    fn ranges_without_possible_addresses_are_refused() {
        let mut ranges = AddressRanges::loopback();
        for (given, expected) in [
            ("169.254.0.0/16", "link-local"),
            ("169.254.169.254/32", "link-local"),
            ("0.0.0.0/8", "unspecified"),
            ("224.0.0.0/4", "multicast"),
            ("240.0.0.0/4", "reserved"),
            ("fe80::/10", "link-local"),
            ("ff00::/8", "multicast"),
            ("2002:a9fe::/32", "link-local"),
            ("::ffff:10.0.0.0/104", "as IPv4"),
        ] {
            let error = ranges.add(given).unwrap_err().to_string();
            assert!(error.contains(expected), "{given}: {error}");
        }
        for given in ["0.0.0.0/0", "::/0", "169.0.0.0/8", "64:ff9b::/96"] {
            assert!(ranges.add(given).is_ok(), "{given}");
        }
    }

    #[test]
    fn metadata_addresses_need_a_range_of_their_own() {
        let mut ranges = AddressRanges::loopback();
        ranges.add("0.0.0.0/0").unwrap();
        ranges.add("fd00::/8").unwrap();
        for ip in ["100.100.100.200", "192.0.0.192", "fd00:ec2::254"] {
            assert!(!ranges.contain(ip.parse().unwrap()), "{ip}");
        }
        ranges.add("100.100.100.200/32").unwrap();
        assert!(ranges.contain("100.100.100.200".parse().unwrap()));
        assert!(ranges.contain("100.100.100.201".parse().unwrap()));
    }
}
