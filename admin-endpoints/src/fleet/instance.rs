//! One instance of the directory.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use super::announcement::InstanceScheme;
use super::instance_labels::InstanceLabels;
use super::instance_name::InstanceName;

/// An instance as it was announced last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    pub(super) name: InstanceName,
    pub(super) address: SocketAddr,
    pub(super) scheme: InstanceScheme,
    pub(super) labels: Arc<InstanceLabels>,
    pub(super) registered: SystemTime,
    pub(super) renewed: SystemTime,
    pub(super) expires: SystemTime,
}

/// `NAME at http://ADDRESS, role="worker",zone="a"`, for the audit log.
impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, address) = (self.scheme.as_str(), self.address);
        write!(f, "{} at {scheme}://{address}", self.name)?;
        for (number, (label, value)) in self.labels.iter().enumerate() {
            let separator = if number == 0 { ", " } else { "," };
            write!(f, "{separator}{label}={value:?}")?;
        }
        Ok(())
    }
}

/// Whether an instance that is listed has a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LeaseState {
    Live,
    /// It has ended without a removal: the process was killed, hangs or cannot reach the directory.
    Ended,
}

impl LeaseState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
        }
    }
}
