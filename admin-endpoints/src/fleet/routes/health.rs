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
use crate::fleet::instance::Instance;
use crate::fleet::limits::INSTANCE_TIMEOUT;

#[derive(Debug, Serialize)]
struct FleetHealthReport {
    instances: Vec<InstanceHealth>,
    ready: usize,
    not_ready: usize,
    unreachable: usize,
    /// They have answered, but not whether they are ready.
    unknown: usize,
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
        let count = |ready, reachable| {
            let answers = instances.iter().map(|instance| &instance.answers);
            answers
                .filter(|answers| (answers.ready, answers.reachable) == (ready, reachable))
                .count()
        };
        Self {
            ready: count(Some(true), true),
            not_ready: count(Some(false), true),
            unreachable: count(None, false),
            unknown: count(None, true),
            instances,
        }
    }
}

/// Ask all instances how they are, at most 32 at a time and each for a second at most.
///
/// Each is asked for `/readyz?verbose`, `/periodic-threads-health` and `/build`, and for `/periodic-threads` if one of
/// its threads is not healthy. Requests that come while instances are asked get the same answers. The status is 200
/// whatever they answer; `unknown` are those that answer something else than a probe. Why a check fails is shown on loopback and to callers with credentials.
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
    let (clock, permits) = (&shared.clock, &shared.health_permits);
    let asked = ask_all(
        clock,
        permits,
        &credentials,
        shared.listed(),
        |asked| async {
            let began = clock.now();
            let passed = || clock.now().saturating_duration_since(began);
            let mut answers = ask(asked, &credentials, passed).await?;
            answers.duration_ms = u64::try_from(passed().as_millis()).unwrap_or(u64::MAX);
            Ok(answers)
        },
    );
    let answers = asked.await.into_iter().map(|(instance, answers)| {
        let answers = answers.unwrap_or_else(|error| HealthAnswers::new(&[], Some(&error)));
        (instance, answers)
    });
    answers.collect()
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
