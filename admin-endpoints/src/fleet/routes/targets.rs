//! `GET /fleet/targets`: the instances in Prometheus' format of HTTP service discovery.

use std::collections::BTreeMap;

use admin_runtime::{AdminError, Json, admin_endpoint};
use serde::Serialize;

use crate::fleet::enabled::{EnabledFleet, directory_status};
use crate::fleet::instance::{Instance, LeaseState};

/// One element of the list that Prometheus reads.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct TargetGroup {
    targets: [String; 1],
    labels: BTreeMap<String, String>,
}

impl TargetGroup {
    fn new(instance: &Instance, lease: LeaseState) -> Self {
        let own = instance.labels.iter();
        let own = own.map(|(name, value)| (format!("__meta_admin_label_{name}"), value.to_owned()));
        let mut labels: BTreeMap<_, _> = own.collect();
        let scheme = instance.scheme.as_str().to_owned();
        labels.insert("__meta_admin_lease".to_owned(), lease.as_str().to_owned());
        labels.insert("__meta_admin_name".to_owned(), instance.name.to_string());
        labels.insert("__meta_admin_scheme".to_owned(), scheme);
        Self {
            targets: [instance.address.to_string()],
            labels,
        }
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
async fn targets(fleet: EnabledFleet) -> Result<Json<Vec<TargetGroup>>, AdminError> {
    let listed = fleet.shared().listed();
    let groups = listed
        .iter()
        .map(|(instance, lease)| TargetGroup::new(instance, *lease));
    Ok(Json(groups.collect()))
}

#[cfg(test)]
mod tests {
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
