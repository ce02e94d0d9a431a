//! `/fleet/instances`: registration and the list.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use admin_runtime::{AdminError, Audit, Caller, Json, StatusCode, admin_endpoint, header};
use serde::Serialize;

use crate::fleet::announcement::{AnnouncementBody, InstanceScheme};
use crate::fleet::directory::{LeaseChange, RegisterError, RemoveError};
use crate::fleet::enabled::{EnabledFleet, directory_status};
use crate::fleet::instance::{Instance, LeaseState};
use crate::fleet::instance_address::is_metadata;
use crate::fleet::instance_name::InstanceName;
use crate::fleet::limits::MAX_INSTANCES;
use crate::fleet::shown_time::rfc3339;

/// The answer to an announcement.
#[derive(Serialize)]
struct GrantReport {
    name: String,
    address: SocketAddr,
    expires: String,
    ttl_seconds: u64,
}

#[derive(Serialize)]
struct RemovalReport {
    name: String,
    removed: bool,
}

#[derive(Serialize)]
struct InstanceList {
    instances: Vec<InstanceReport>,
    since: String,
}

#[derive(Serialize)]
struct InstanceReport {
    name: String,
    address: SocketAddr,
    scheme: InstanceScheme,
    labels: BTreeMap<String, String>,
    registered: String,
    renewed: String,
    expires: String,
    lease: LeaseState,
}

impl InstanceReport {
    fn new(instance: &Instance, lease: LeaseState) -> Self {
        let labels = instance.labels.iter();
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            name: instance.name.to_string(),
            address: instance.address,
            scheme: instance.scheme,
            labels: labels.collect(),
            registered: rfc3339(instance.registered),
            renewed: rfc3339(instance.renewed),
            expires: rfc3339(instance.expires),
            lease,
        }
    }
}

/// Register an instance, or renew its lease.
///
/// The body is `{"address": "10.0.0.7:7000", "scheme": "http", "labels": {"role": "worker"},
/// "ttl_seconds": 30, "boot_id": "..."}`; all but `address` may be missing. An instance that does not
/// send it again before the lease ends is listed as one whose lease has ended.
#[admin_endpoint(
    method = "PUT",
    path = "/fleet/instances/{name}",
    runtime = "admin",
    effect = "write",
    deny_unknown = true,
    status = "directory_status"
)]
async fn register_instance(
    fleet: EnabledFleet,
    /// Unique in the directory: 1 to 63 of the characters A-Z a-z 0-9 . _ -
    name: InstanceName,
    Json(body): Json<AnnouncementBody>,
    caller: Caller,
    audit: Audit,
) -> Result<Json<GrantReport>, AdminError> {
    let announced = body.validate().map_err(AdminError::bad_request)?;
    let (address, ttl) = (announced.address, announced.ttl);
    if let Some(peer) = caller.peer()
        && is_of_another_machine(address, peer)
    {
        return Err(AdminError::forbidden(format!(
            "{address} is the directory's own machine, and {} announces it: announce an address that the \
             directory reaches (AnnouncementBuilder::address, --advertise of the example programs)",
            peer.ip()
        )));
    }
    if !fleet.allows(address) {
        return Err(AdminError::forbidden(format!(
            "{address} may not register: allowed are {}{}; FleetConfig::allow (--allow-instances of the example \
             programs) adds a range",
            fleet.ranges(),
            if is_metadata(address.ip()) {
                ", and a metadata address only if it is a range of its own"
            } else {
                ""
            }
        )));
    }
    let shared = fleet.shared();
    let granted = shared.with(|directory, now| directory.register(&name, announced, now));
    let granted = granted.map_err(|error| register_error(&name, &error))?;
    let expires = rfc3339(granted.expires);
    match granted.change {
        LeaseChange::Renewed => audit.no_change(),
        LeaseChange::Updated { before, after } => audit.change(before, after),
        LeaseChange::Registered { before, after } => {
            let before = before.map(|before| format!("{before}; its lease had ended"));
            audit.change(before.unwrap_or_else(|| "-".to_owned()), after);
        }
    }
    Ok(Json(GrantReport {
        name: name.to_string(),
        address,
        expires,
        ttl_seconds: ttl.as_secs(),
    }))
}

/// Whether a peer announces an address that is its own only on its machine.
fn is_of_another_machine(address: SocketAddr, peer: SocketAddr) -> bool {
    let is_loopback = |address: SocketAddr| address.ip().to_canonical().is_loopback();
    is_loopback(address) && !is_loopback(peer)
}

fn register_error(name: &InstanceName, error: &RegisterError) -> AdminError {
    match error {
        RegisterError::NameTaken {
            address,
            expires,
            retry_after,
        } => AdminError::conflict(format!(
            "The name '{name}' belongs to another process, at {address}, until {}: choose another \
             name, or wait",
            rfc3339(*expires)
        ))
        // Rounded up: the lease has ended then.
        .with_header(header::RETRY_AFTER, (retry_after.as_secs() + 1).into()),
        RegisterError::Removed => AdminError::conflict(format!(
            "This start of the process has removed '{name}': another start announces another boot_id"
        )),
        RegisterError::Full { retry_after } => {
            let message =
                format!("{MAX_INSTANCES} instances are registered, more are not possible");
            let seconds = retry_after.as_secs().max(1);
            AdminError::new(StatusCode::SERVICE_UNAVAILABLE, message)
                .with_header(header::RETRY_AFTER, seconds.into())
        }
    }
}

/// Remove an instance, as one does when it stops.
#[admin_endpoint(
    method = "DELETE",
    path = "/fleet/instances/{name}",
    runtime = "admin",
    effect = "write",
    deny_unknown = true,
    status = "directory_status"
)]
async fn remove_instance(
    fleet: EnabledFleet,
    /// The name that it has registered with.
    name: InstanceName,
    /// Remove it only if it has registered with this `boot_id`.
    boot_id: Option<String>,
    audit: Audit,
) -> Result<Json<RemovalReport>, AdminError> {
    let shared = fleet.shared();
    let removed = shared.with(|directory, now| directory.remove(&name, boot_id.as_deref(), now));
    let address = removed.map_err(|error| match error {
        RemoveError::Unknown => AdminError::not_found(format!(
            "No instance '{name}' (GET /fleet/instances lists all)"
        )),
        RemoveError::OtherBoot { address } => AdminError::conflict(format!(
            "The name '{name}' belongs to another process, at {address}: its boot_id differs"
        )),
    })?;
    audit.change(format_args!("{name} at {address}"), "removed");
    Ok(Json(RemovalReport {
        name: name.to_string(),
        removed: true,
    }))
}

/// List the instances by name: those whose leases live, and those whose leases have ended not long ago.
#[admin_endpoint(
    path = "/fleet/instances",
    runtime = "admin",
    deny_unknown = true,
    status = "directory_status"
)]
async fn instances(fleet: EnabledFleet) -> Result<Json<InstanceList>, AdminError> {
    let shared = fleet.shared();
    let (listed, since) = shared.with(|directory, now| (directory.listed(now), directory.since()));
    let instances = listed
        .iter()
        .map(|(instance, lease)| InstanceReport::new(instance, *lease));
    Ok(Json(InstanceList {
        instances: instances.collect(),
        since: rfc3339(since),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_are_of_this_machine() {
        for (address, peer, expected) in [
            ("127.0.0.1:7000", "127.0.0.1:50000", false),
            ("127.0.0.2:7000", "[::1]:50000", false),
            ("127.0.0.1:7000", "[::ffff:127.0.0.1]:50000", false),
            ("10.0.0.7:7000", "10.0.0.7:50000", false),
            ("10.0.0.7:7000", "127.0.0.1:50000", false),
            ("127.0.0.1:7000", "10.0.0.7:50000", true),
            ("[::1]:7000", "[2001:db8::7]:50000", true),
            ("127.0.0.1:7000", "[::ffff:10.0.0.7]:50000", true),
        ] {
            let found = is_of_another_machine(address.parse().unwrap(), peer.parse().unwrap());
            assert_eq!(found, expected, "{address} from {peer}");
        }
    }
}
