//! The workers and their health.

use std::fmt;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use ureq::Agent;

/// The workers of one controller.
#[derive(Debug)]
pub(crate) struct Fleet {
    workers: Vec<SocketAddr>,
    secret: Option<String>,
    agent: Agent,
}

/// The health of all workers.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    /// Whether every worker answers.
    healthy: bool,
    workers: Vec<WorkerHealth>,
}

/// The health of one worker.
#[derive(Debug, Serialize)]
struct WorkerHealth {
    address: SocketAddr,
    healthy: bool,
    /// Its reply to `GET /worker`.
    worker: Option<Value>,
    /// Why it is not healthy.
    error: Option<String>,
}

/// More workers than can be queried at the same time.
#[derive(Debug)]
pub(crate) struct TooMany {
    given: usize,
}

/// The largest number of workers: each is queried by a thread of its own.
const MAX_WORKERS: usize = 32;

/// Time for the reply of one worker.
const WORKER_TIMEOUT: Duration = Duration::from_secs(1);

/// The largest reply in bytes.
const MAX_REPLY_BYTES: u64 = 64 << 10;

impl Fleet {
    pub(crate) fn new(workers: Vec<SocketAddr>, secret: Option<String>) -> Result<Self, TooMany> {
        if workers.len() > MAX_WORKERS {
            let given = workers.len();
            return Err(TooMany { given });
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(WORKER_TIMEOUT))
            .max_redirects(0)
            // Workers are reached directly, whatever proxy the environment names.
            .proxy(None)
            .build()
            .into();
        Ok(Self {
            workers,
            secret,
            agent,
        })
    }

    /// Queries all of them at the same time, for a second at most.
    pub(crate) fn health(&self) -> Health {
        let workers: Vec<_> = thread::scope(|scope| {
            let asked: Vec<_> = self
                .workers
                .iter()
                .map(|address| {
                    let thread = thread::Builder::new().name("ask-worker".to_owned());
                    (*address, thread.spawn_scoped(scope, || self.ask(*address)))
                })
                .collect();
            let answers = asked.into_iter().map(|(address, thread)| {
                let answer = match thread.map(thread::ScopedJoinHandle::join) {
                    Ok(Ok(answer)) => answer.map_err(|error| error.to_string()),
                    Ok(Err(_)) => Err("the query panicked".to_owned()),
                    Err(error) => Err(format!("cannot start a thread for the query: {error}")),
                };
                WorkerHealth::from_reply(address, answer)
            });
            answers.collect()
        });
        Health {
            healthy: workers.iter().all(|worker| worker.healthy),
            workers,
        }
    }

    fn ask(&self, address: SocketAddr) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = self.agent.get(format!("http://{address}/worker"));
        if let Some(secret) = &self.secret {
            request = request.header("authorization", format!("Bearer {secret}"));
        }
        let mut reply = request.call()?;
        let body = reply.body_mut().with_config().limit(MAX_REPLY_BYTES);
        Ok(serde_json::from_slice(&body.read_to_vec()?)?)
    }
}

impl Health {
    /// The addresses of the workers that do not answer.
    pub(crate) fn silent(&self) -> Vec<String> {
        let workers = self.workers.iter().filter(|worker| !worker.healthy);
        workers.map(|worker| worker.address.to_string()).collect()
    }
}

impl WorkerHealth {
    fn from_reply(address: SocketAddr, answer: Result<Value, String>) -> Self {
        let (worker, error) = match answer {
            Ok(worker) => (Some(worker), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            address,
            healthy: worker.is_some(),
            worker,
            error,
        }
    }
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "--worker is given {} times, at most {MAX_WORKERS} are possible",
            self.given
        )
    }
}

impl std::error::Error for TooMany {}
