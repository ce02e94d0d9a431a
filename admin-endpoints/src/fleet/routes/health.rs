//! `GET /fleet/health`: what all instances say of themselves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::{AdminError, Json, admin_endpoint};
use bytes::Bytes;
use futures_util::FutureExt;
use http::Method;
use serde::Serialize;

use crate::fleet::ask_all::{AskedInstance, ask_all};
use crate::fleet::client::{
    ClientError, LoadedCredentials, OutgoingRequest, exchange, exchange_one, request,
};
use crate::fleet::config::SharedDirectory;
use crate::fleet::enabled::{EnabledFleet, check_credentials, directory_status};
use crate::fleet::health_answers::{HealthAnswers, QUESTIONS, THREADS_QUESTION};
use crate::fleet::instance::{Instance, LeaseState};
use crate::fleet::limits::INSTANCE_TIMEOUT;

#[derive(Debug, Serialize)]
struct FleetHealthReport {
    instances: Vec<InstanceHealth>,
    ready: usize,
    not_ready: usize,
    unreachable: usize,
}

#[derive(Debug, Serialize)]
struct InstanceHealth {
    name: String,
    address: SocketAddr,
    #[serde(flatten)]
    answers: HealthAnswers,
}

impl FleetHealthReport {
    fn new(instances: Vec<InstanceHealth>) -> Self {
        let count = |ready| {
            let counted = instances.iter();
            counted
                .filter(|instance| instance.answers.ready == ready)
                .count()
        };
        Self {
            ready: count(Some(true)),
            not_ready: count(Some(false)),
            unreachable: count(None),
            instances,
        }
    }
}

/// Ask all instances how they are, at most 32 at a time and each for a second at most.
///
/// Each is asked for `/readyz?verbose`, `/periodic-threads-health` and `/build`, and for `/periodic-threads` if one of
/// its threads is not healthy. Requests that come while instances are asked get the same answers. The status is 200
/// whatever they answer. Why a check fails is shown on loopback and to callers with credentials.
#[admin_endpoint(
    path = "/fleet/health",
    runtime = "admin",
    timeout = "30s",
    status = "directory_status",
    resource = "check_credentials"
)]
async fn fleet_health(fleet: EnabledFleet) -> Result<Json<FleetHealthReport>, AdminError> {
    let credentials = fleet.credentials().await?;
    let shared = Arc::clone(fleet.shared());
    let round = fleet
        .shared()
        .health_round
        .join(|| health_of_all(shared, credentials).boxed());
    let answers = round.await;
    let instances = answers.iter().map(|(instance, answers)| {
        let answers = answers.clone();
        InstanceHealth {
            name: instance.name.to_string(),
            address: instance.address,
            answers: if fleet.is_trusted {
                answers
            } else {
                answers.without_reasons()
            },
        }
    });
    Ok(Json(FleetHealthReport::new(instances.collect())))
}

/// What all instances say, sorted by name; those whose leases have ended are not asked.
async fn health_of_all(
    shared: Arc<SharedDirectory>,
    credentials: LoadedCredentials,
) -> Vec<(Instance, HealthAnswers)> {
    let listed = shared.listed().into_iter();
    let (live, ended): (Vec<_>, Vec<_>) = listed.partition(|(_, lease)| *lease == LeaseState::Live);
    let live = live.into_iter().map(|(instance, _)| instance).collect();
    let (clock, permits) = (&shared.clock, &shared.health_permits);
    let asked = ask_all(clock, permits, &credentials, live, |asked| async {
        let began = clock.now();
        let passed = || clock.now().saturating_duration_since(began);
        let mut answers = ask(asked, &credentials, passed).await?;
        answers.duration_ms = u64::try_from(passed().as_millis()).unwrap_or(u64::MAX);
        Ok(answers)
    });
    let asked = asked.await.into_iter().map(|(instance, answers)| {
        let answers = answers.unwrap_or_else(|error| HealthAnswers::new(&[], Some(&error)));
        (instance, answers)
    });
    let ended = ended.into_iter().map(|(instance, _)| {
        let answers = HealthAnswers::from_ended(&instance);
        (instance, answers)
    });
    let mut all: Vec<_> = asked.chain(ended).collect();
    all.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    all
}

async fn ask(
    asked: AskedInstance,
    credentials: &LoadedCredentials,
    passed: impl Fn() -> Duration,
) -> Result<HealthAnswers, ClientError> {
    let host = asked.instance.address.to_string();
    let get = |target: &str| -> Result<OutgoingRequest, ClientError> {
        let authorization = credentials.authorization.as_ref();
        request(Method::GET, &host, target, authorization, Bytes::new())
    };
    let requests = QUESTIONS.iter().map(|target| get(target));
    let requests = requests.collect::<Result<_, _>>()?;
    let (answers, error) = exchange(&asked.destination, requests, INSTANCE_TIMEOUT).await;
    let mut health = HealthAnswers::new(&answers, error.as_ref());
    if health.has_unhealthy_threads() {
        let left = INSTANCE_TIMEOUT.saturating_sub(passed());
        let answer = exchange_one(&asked.destination, get(THREADS_QUESTION)?, left);
        health.add_states(answer.await.as_ref());
    }
    Ok(health.finish())
}
