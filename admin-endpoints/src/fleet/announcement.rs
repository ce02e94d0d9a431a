//! What an instance says of itself: the body that one side sends and the other reads.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::instance_address::parse_instance_address;
use super::instance_labels::InstanceLabels;
use super::limits::{MAX_BOOT_ID_BYTES, MAX_TTL_SECONDS, MIN_TTL_SECONDS};

/// The scheme that an instance is asked with.
///
/// ```
/// use admin_endpoints::fleet::InstanceScheme;
///
/// assert_eq!(InstanceScheme::default().as_str(), "http");
/// assert_eq!(InstanceScheme::Https.as_str(), "https");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstanceScheme {
    /// Without TLS.
    #[default]
    Http,
    /// With TLS.
    Https,
}

impl InstanceScheme {
    /// `http` or `https`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The body of `PUT /fleet/instances/{name}`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AnnouncementBody {
    pub(super) address: String,
    pub(super) scheme: InstanceScheme,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) ttl_seconds: u64,
    /// Different for each start of a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) boot_id: Option<String>,
}

/// An announcement whose values are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValidAnnouncement {
    pub(super) address: SocketAddr,
    pub(super) scheme: InstanceScheme,
    pub(super) labels: InstanceLabels,
    pub(super) ttl: Duration,
    pub(super) boot_id: Option<String>,
}

impl AnnouncementBody {
    /// # Errors
    ///
    /// The rule that a value breaks.
    pub(super) fn validate(self) -> Result<ValidAnnouncement, String> {
        let seconds = self.ttl_seconds;
        if !(MIN_TTL_SECONDS..=MAX_TTL_SECONDS).contains(&seconds) {
            return Err(format!(
                "Invalid ttl_seconds: {seconds}; expected {MIN_TTL_SECONDS} to {MAX_TTL_SECONDS}"
            ));
        }
        Ok(ValidAnnouncement {
            address: parse_instance_address(&self.address)?,
            scheme: self.scheme,
            labels: InstanceLabels::new(self.labels)?,
            ttl: Duration::from_secs(seconds),
            boot_id: self.boot_id.map(check_boot_id).transpose()?,
        })
    }
}

fn check_boot_id(boot_id: String) -> Result<String, String> {
    let is_valid = (1..=MAX_BOOT_ID_BYTES).contains(&boot_id.len())
        && boot_id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_valid {
        return Ok(boot_id);
    }
    Err(format!(
        "Invalid boot_id: expected 1 to {MAX_BOOT_ID_BYTES} visible ASCII characters"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ValidAnnouncement, String> {
        let body: AnnouncementBody =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        body.validate()
    }

    #[test]
    fn missing_values_have_defaults() {
        let read = read(r#"{"address":"127.0.0.1:7000"}"#).unwrap();
        assert_eq!(
            (read.scheme, read.ttl),
            (InstanceScheme::Http, Duration::from_secs(30))
        );
        assert_eq!((read.labels.iter().count(), read.boot_id), (0, None));
    }

    #[test]
    fn bodies_are_read_as_they_are_written() {
        let body = AnnouncementBody {
            address: "10.0.0.7:7000".to_owned(),
            scheme: InstanceScheme::Https,
            labels: BTreeMap::from([("role".to_owned(), "worker".to_owned())]),
            ttl_seconds: 5,
            boot_id: Some("b1".to_owned()),
        };
        let json = serde_json::to_string(&body).unwrap();
        assert_eq!(read(&json), body.validate());
    }

    #[test]
    fn mistakes_are_named() {
        for (json, expected) in [
            (r#"{"address":"h:1"}"#, "expected IP:PORT"),
            (
                r#"{"address":"127.0.0.1:1","ttl_seconds":0}"#,
                "expected 5 to 3600",
            ),
            (
                r#"{"address":"127.0.0.1:1","ttl_seconds":31536000}"#,
                "expected 5 to 3600",
            ),
            (
                r#"{"address":"127.0.0.1:1","boot_id":""}"#,
                "Invalid boot_id",
            ),
            (
                r#"{"address":"127.0.0.1:1","boot_id":"a b"}"#,
                "Invalid boot_id",
            ),
            (
                r#"{"address":"127.0.0.1:1","labels":{"a-b":""}}"#,
                "name of a label",
            ),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
