//! Requests to many instances at once.

use std::future::Future;
use std::time::Duration;

use admin_runtime::clock::Clock;
use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;

use super::announcement::InstanceScheme;
use super::client::{ClientError, Destination, LoadedCredentials};
use super::instance::{Instance, LeaseState};
use super::limits::{ASK_ALL_TIMEOUT, MAX_CONCURRENT_INSTANCES};
use super::random::random;
use super::shown_time::rfc3339;

/// One instance that is asked.
pub(super) struct AskedInstance {
    pub(super) instance: Instance,
    pub(super) destination: Destination,
}

/// Asks each instance, at most as many at a time as there are permits, for all callers that share them.
///
/// The first is a random one. `ask` has its own deadline. The results are in the order of the instances; those that could not be
/// asked in time, and those whose leases have ended, have an error.
pub(super) async fn ask_all<T, F>(
    clock: &Clock,
    permits: &Semaphore,
    credentials: &LoadedCredentials,
    listed: Vec<(Instance, LeaseState)>,
    ask: impl Fn(AskedInstance) -> F,
) -> Vec<(Instance, Result<T, ClientError>)>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let deadline = clock.now() + ASK_ALL_TIMEOUT;
    let mut listed: Vec<_> = listed.into_iter().enumerate().collect();
    // So that it is not always the same instances for which the time does not suffice.
    let first = random() as usize % listed.len().max(1);
    listed.rotate_left(first);
    let asked = listed.into_iter().map(|(index, (instance, lease))| {
        let asked = destination(&instance, lease, credentials).map(|destination| {
            ask(AskedInstance {
                instance: instance.clone(),
                destination,
            })
        });
        async move {
            let result = match asked {
                Err(error) => Err(error),
                Ok(asked) => {
                    let left = deadline.saturating_duration_since(clock.now());
                    answer(permits, left, asked).await
                }
            };
            (index, instance, result)
        }
    });
    let mut answers: Vec<_> = stream::iter(asked)
        .buffer_unordered(MAX_CONCURRENT_INSTANCES)
        .collect()
        .await;
    answers.sort_unstable_by_key(|(index, _, _)| *index);
    let answers = answers.into_iter();
    answers
        .map(|(_, instance, result)| (instance, result))
        .collect()
}

async fn answer<T>(
    permits: &Semaphore,
    left: Duration,
    ask: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    if left.is_zero() {
        return Err(not_asked());
    }
    // The semaphore is never closed.
    let permit = tokio::time::timeout(left, permits.acquire()).await;
    let Ok(Ok(_permit)) = permit else {
        return Err(not_asked());
    };
    ask.await
}

fn not_asked() -> ClientError {
    let limit = ASK_ALL_TIMEOUT;
    ClientError::NotAsked(format!("the others took all of the {limit:?}"))
}

fn destination(
    instance: &Instance,
    lease: LeaseState,
    credentials: &LoadedCredentials,
) -> Result<Destination, ClientError> {
    if lease == LeaseState::Ended {
        let end = rfc3339(instance.expires);
        return Err(ClientError::NotAsked(format!("the lease ended at {end}")));
    }
    let tls = match instance.scheme {
        InstanceScheme::Http => None,
        InstanceScheme::Https => Some(credentials.tls.as_ref().ok_or_else(|| {
            let missing = "it has announced https: the directory needs FleetConfig::instance_ca \
                           (--instances-ca of the example programs)";
            ClientError::NoTlsSession(missing.to_owned())
        })?),
    };
    Ok(Destination::instance(instance.address, tls))
}
