//! The workers and how they are.

use std::fmt;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use ureq::Agent;

/// The workers that a controller knows.
#[derive(Debug)]
pub(crate) struct Fleet {
    workers: Vec<SocketAddr>,
    secret: Option<String>,
    agent: Agent,
}

/// The whole fleet at one moment.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    /// Whether every worker answers.
    healthy: bool,
    workers: Vec<WorkerHealth>,
}

/// One worker at one moment.
#[derive(Debug, Serialize)]
struct WorkerHealth {
    address: SocketAddr,
    healthy: bool,
    /// What it says of itself.
    worker: Option<Value>,
    /// Why it is not healthy.
    error: Option<String>,
}

/// More workers than are asked at the same time.
#[derive(Debug)]
pub(crate) struct TooMany {
    given: usize,
}

/// Most workers: each is asked by a thread of its own.
const MOST: usize = 32;

/// How long a worker may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Most bytes of an answer.
const MOST_BYTES: u64 = 64 << 10;

impl Fleet {
    pub(crate) fn new(workers: Vec<SocketAddr>, secret: Option<String>) -> Result<Self, TooMany> {
        if workers.len() > MOST {
            let given = workers.len();
            return Err(TooMany { given });
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            // Workers are addresses: no proxy of the environment stands before them.
            .proxy(None)
            .build()
            .into();
        Ok(Self {
            workers,
            secret,
            agent,
        })
    }

    /// Asks all of them; takes as long as the slowest, a second at most.
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
                    Ok(Err(_)) => Err("asking it panicked".to_owned()),
                    Err(error) => Err(format!("no thread to ask it: {error}")),
                };
                WorkerHealth::of(address, answer)
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
        let body = reply.body_mut().with_config().limit(MOST_BYTES);
        Ok(serde_json::from_slice(&body.read_to_vec()?)?)
    }
}

impl WorkerHealth {
    fn of(address: SocketAddr, answer: Result<Value, String>) -> Self {
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
            "--worker is given {} times, at most {MOST} are possible",
            self.given
        )
    }
}

impl std::error::Error for TooMany {}
