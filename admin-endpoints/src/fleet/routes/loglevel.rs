//! `PUT /fleet/loglevel`: a timed level on all instances.

use admin_runtime::text::excerpt;
use admin_runtime::{AdminError, Audit, Json, StatusCode, admin_endpoint};
use bytes::Bytes;
use http::Method;
use serde::Serialize;

use crate::fleet::ask_all::{AskedInstance, ask_all};
use crate::fleet::client::{
    ClientAnswer, ClientError, LoadedCredentials, exchange_one, query_value, request,
};
use crate::fleet::enabled::{EnabledFleet, directory_status};
use crate::fleet::instance::Instance;
use crate::fleet::limits::{INSTANCE_TIMEOUT, MAX_REPEATED_CHARS};
use crate::fleet::selector::{InstanceSelector, shown};
use crate::loglevel::{ConfiguredLevel, LoggerName, Ttl};

#[derive(Debug, Serialize)]
struct FleetLevelReport {
    matched: usize,
    changed: usize,
    failed: usize,
    instances: Vec<InstanceAnswer>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum InstanceAnswer {
    Answered {
        name: String,
        status: u16,
        answer: String,
    },
    Failed {
        name: String,
        error: String,
    },
}

impl InstanceAnswer {
    fn new(instance: &Instance, answer: Result<ClientAnswer, ClientError>) -> Self {
        let name = instance.name.to_string();
        match answer {
            Ok(answer) => Self::Answered {
                name,
                status: answer.status.as_u16(),
                answer: excerpt(answer.text().trim_end(), MAX_REPEATED_CHARS).to_string(),
            },
            Err(error) => Self::Failed {
                name,
                error: error.to_string(),
            },
        }
    }

    fn has_changed(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if (200..300).contains(status))
    }
}

impl FleetLevelReport {
    fn new(instances: Vec<InstanceAnswer>) -> Self {
        let changed = instances
            .iter()
            .filter(|answer| answer.has_changed())
            .count();
        Self {
            matched: instances.len(),
            changed,
            failed: instances.len() - changed,
            instances,
        }
    }

    /// 200 only if every instance has changed.
    fn status(&self) -> StatusCode {
        if self.failed == 0 {
            StatusCode::OK
        } else {
            StatusCode::BAD_GATEWAY
        }
    }
}

/// Set the level of a logger on all instances that match, for a time.
///
/// 200 if all have changed it; 502 if one has not, with what each has answered. The instances end it
/// themselves, whatever becomes of the directory.
#[admin_endpoint(
    method = "PUT",
    path = "/fleet/loglevel",
    runtime = "admin",
    timeout = "30s",
    effect = "write",
    deny_unknown = true,
    status = "directory_status"
)]
async fn set_fleet_loglevel(
    fleet: EnabledFleet,
    /// A logger such as `a.b` or `a::b`, `root`, or a family such as `a.b*`.
    logger_name: LoggerName,
    /// TRACE, DEBUG, INFO, WARNING, ERROR, OFF, or NOTSET to inherit.
    level: ConfiguredLevel,
    /// How long the level is in effect, such as `10m`.
    ttl: Ttl,
    /// Only instances with this label, `role=worker`, or this name, `name=w1`; several must all hold.
    select: Vec<InstanceSelector>,
    audit: Audit,
) -> Result<(StatusCode, Json<FleetLevelReport>), AdminError> {
    let shared = fleet.shared();
    let mut instances = shared.instances();
    instances.retain(|instance| select.iter().all(|selector| selector.matches(instance)));
    if instances.is_empty() {
        return Err(AdminError::not_found(if select.is_empty() {
            "No instance is registered".to_owned()
        } else {
            format!("No instance matches '{}'", shown(&select))
        }));
    }
    let credentials = fleet.credentials().await?;
    let target = format!(
        "/loglevel?logger_name={}&level={level}&ttl={}",
        query_value(logger_name.as_str()),
        query_value(&humantime::format_duration(ttl.as_duration()).to_string()),
    );
    let (clock, permits) = (&shared.clock, &shared.level_permits);
    let asked = ask_all(clock, permits, &credentials, instances, |asked| {
        ask(asked, &target, &credentials)
    });
    let answers = asked.await.into_iter();
    let answers = answers.map(|(instance, answer)| InstanceAnswer::new(&instance, answer));
    let report = FleetLevelReport::new(answers.collect());
    audit.change(
        "-",
        format_args!(
            "{logger_name} {level} for {} on {} of {} instances",
            humantime::format_duration(ttl.as_duration()),
            report.changed,
            report.matched
        ),
    );
    Ok((report.status(), Json(report)))
}

async fn ask(
    asked: AskedInstance,
    target: &str,
    credentials: &LoadedCredentials,
) -> Result<ClientAnswer, ClientError> {
    let host = asked.instance.address.to_string();
    let authorization = credentials.authorization.as_ref();
    let request = request(Method::PUT, &host, target, authorization, Bytes::new())?;
    exchange_one(&asked.destination, request, INSTANCE_TIMEOUT).await
}
