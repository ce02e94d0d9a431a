//! `GET /fleet/targets`: the instances in Prometheus' format of HTTP service discovery.

use std::fmt::Display;

use admin_runtime::describe::{ErrorFormat, ResponseSpec};
use admin_runtime::{AdminError, IntoResponse, Response, admin_endpoint};
use bytes::Bytes;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::fleet::enabled::{EnabledFleet, directory_status};
use crate::fleet::instance::{Instance, LeaseState};

/// One element of the list that Prometheus reads.
#[derive(Serialize)]
struct TargetGroup<'a> {
    targets: [DisplayedText<&'a dyn Display>; 1],
    labels: TargetLabels<'a>,
}

/// Written as they are, sorted by name, without a map between: Prometheus asks for thousands.
struct TargetLabels<'a> {
    instance: &'a Instance,
    lease: LeaseState,
}

/// A value as its text.
struct DisplayedText<T>(T);

impl<T: Display> Serialize for DisplayedText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for TargetLabels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { instance, lease } = self;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in instance.labels.iter() {
            map.serialize_entry(
                &DisplayedText(format_args!("__meta_admin_label_{name}")),
                value,
            )?;
        }
        map.serialize_entry("__meta_admin_lease", lease.as_str())?;
        map.serialize_entry("__meta_admin_name", instance.name.as_str())?;
        map.serialize_entry("__meta_admin_scheme", instance.scheme.as_str())?;
        map.end()
    }
}

impl<'a> TargetGroup<'a> {
    fn new(instance: &'a Instance, lease: LeaseState) -> Self {
        Self {
            targets: [DisplayedText(&instance.address)],
            labels: TargetLabels { instance, lease },
        }
    }
}

/// A list of [`TargetGroup`] in JSON.
struct TargetList(Bytes);

impl IntoResponse for TargetList {
    const SPEC: ResponseSpec =
        ResponseSpec::new(Some("application/json")).with_errors(ErrorFormat::Json);

    fn into_response(self) -> Result<Response, AdminError> {
        Ok(Response::bytes("application/json", self.0))
    }
}

/// List the instances for Prometheus, in its format of HTTP service discovery.
///
/// `__meta_admin_name`, `__meta_admin_scheme`, `__meta_admin_label_<name>` and `__meta_admin_lease`, which is
/// `live` or `ended`, are labels for relabelling.
#[admin_endpoint(
    path = "/fleet/targets",
    runtime = "admin",
    status = "directory_status"
)]
async fn targets(fleet: EnabledFleet) -> Result<TargetList, AdminError> {
    let list = fleet.shared().rendered_targets(|listed| {
        let groups = listed
            .iter()
            .map(|(instance, lease)| TargetGroup::new(instance, *lease));
        serde_json::to_vec(&groups.collect::<Vec<_>>())
    });
    list.map(TargetList).map_err(AdminError::internal)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::fleet::announcement::InstanceScheme;
    use crate::fleet::instance_labels::InstanceLabels;

    #[test]
    fn labels_begin_with_meta_admin() {
        let labels = BTreeMap::from([("role".to_owned(), "worker".to_owned())]);
        let instance = Instance {
            name: "w1".parse().unwrap(),
            address: "[::1]:7000".parse().unwrap(),
            scheme: InstanceScheme::Https,
            labels: Arc::new(InstanceLabels::new(labels).unwrap()),
            registered: UNIX_EPOCH,
            renewed: UNIX_EPOCH,
            expires: UNIX_EPOCH,
        };
        let group = TargetGroup::new(&instance, LeaseState::Ended);
        assert_eq!(
            serde_json::to_value(&group).unwrap(),
            serde_json::json!({
                "targets": ["[::1]:7000"],
                "labels": {
                    "__meta_admin_label_role": "worker",
                    "__meta_admin_lease": "ended",
                    "__meta_admin_name": "w1",
                    "__meta_admin_scheme": "https",
                },
            })
        );
    }
}
