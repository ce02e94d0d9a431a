//! `PUT /fleet/loglevel`: a timed level on all instances.

use admin_runtime::{AdminError, Audit, Json, StatusCode, admin_endpoint};
use bytes::Bytes;
use http::Method;

use crate::fleet::ask_all::{AskedInstance, ask_all};
use crate::fleet::client::{
    ClientAnswer, ClientError, LoadedCredentials, exchange_one, query_value, request,
};
use crate::fleet::enabled::{EnabledFleet, directory_status};
use crate::fleet::level_answers::{FleetLevelReport, InstanceAnswer};
use crate::fleet::limits::INSTANCE_TIMEOUT;
use crate::fleet::selector::{InstanceSelector, shown};
use crate::loglevel::{ConfiguredLevel, LoggerName, Ttl, set_line};

/// Set the level of a logger on all instances that match, for a time.
///
/// 200 if all have changed it; 502 if one has not, with what each has answered. Those whose leases have ended are not
/// asked, and have not changed it. The instances end it
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
    let mut instances = shared.listed();
    instances.retain(|(instance, _)| select.iter().all(|selector| selector.matches(instance)));
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
    let expected = set_line(logger_name.as_str(), level);
    let answers = asked.await.into_iter();
    let answers =
        answers.map(|(instance, answer)| InstanceAnswer::new(&instance.name, answer, &expected));
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
