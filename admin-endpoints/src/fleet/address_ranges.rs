//! Which addresses may register.

use std::fmt;
use std::net::IpAddr;

use admin_runtime::text::excerpt;
use ipnet::IpNet;

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
        let invalid = |problem| InvalidRange {
            given: excerpt(range, MAX_QUOTED_CHARS).to_string(),
            problem,
        };
        let parsed = parsed.map_err(|_| {
            invalid("expected an address and the bits of its network: 10.0.0.0/8, fd00::/8")
        })?;
        if parsed.addr() != parsed.network() {
            return Err(invalid("the address has bits beyond those of the network"));
        }
        self.0.push(parsed);
        Ok(())
    }

    pub(super) fn contain(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(&ip))
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
    problem: &'static str,
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
}
