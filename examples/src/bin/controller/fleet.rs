//! The workers and their health.

use std::fmt;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use serde::{Serialize, Serializer};
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
    error: Option<QueryError>,
}

/// Why a worker is not healthy.
#[derive(Debug)]
enum QueryError {
    /// Nothing came back; why.
    NoAnswer(String),
    /// Its status.
    Status(u16),
    /// A body that is not JSON, or too long; why.
    Body(String),
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
            .http_status_as_error(false)
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
                    Ok(Ok(answer)) => answer,
                    Ok(Err(_)) => Err(QueryError::NoAnswer("the query panicked".to_owned())),
                    Err(error) => Err(QueryError::NoAnswer(format!(
                        "cannot start a thread for the query: {error}"
                    ))),
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

    fn ask(&self, address: SocketAddr) -> Result<Value, QueryError> {
        let mut request = self.agent.get(format!("http://{address}/worker"));
        if let Some(secret) = &self.secret {
            request = request.header("authorization", format!("Bearer {secret}"));
        }
        let mut reply = request.call().map_err(QueryError::no_answer)?;
        let status = reply.status();
        if !status.is_success() {
            return Err(QueryError::Status(status.as_u16()));
        }
        let body = reply.body_mut().with_config().limit(MAX_REPLY_BYTES);
        let body = body.read_to_vec().map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => QueryError::Body(error.to_string()),
            error => QueryError::no_answer(error),
        })?;
        serde_json::from_slice(&body).map_err(|error| QueryError::Body(error.to_string()))
    }
}

impl Health {
    /// What is wrong with each worker that is not healthy.
    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.workers.iter().filter_map(|worker| {
            let (address, error) = (worker.address, worker.error.as_ref()?);
            Some(match error {
                QueryError::NoAnswer(_) => format!("no answer from {address}"),
                error => format!("{address} {error}"),
            })
        });
        problems.collect()
    }
}

impl QueryError {
    fn no_answer(error: ureq::Error) -> Self {
        Self::NoAnswer(match error {
            ureq::Error::Timeout(_) => format!("timed out after {WORKER_TIMEOUT:?}"),
            error => error.to_string(),
        })
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(reason) => f.write_str(reason),
            Self::Status(401) => f.write_str(
                "answered 401: give this controller the token of its workers with --token-file",
            ),
            Self::Status(status) => write!(f, "answered {status}"),
            Self::Body(reason) => write!(f, "answered with something else than JSON: {reason}"),
        }
    }
}

impl Serialize for QueryError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl WorkerHealth {
    fn from_reply(address: SocketAddr, answer: Result<Value, QueryError>) -> Self {
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
