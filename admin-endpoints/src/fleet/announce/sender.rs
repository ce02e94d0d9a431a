//! One announcement, and the removal.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use admin_runtime::clock::Clock;
use admin_runtime::text::excerpt;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Method, StatusCode};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::sleep;

use super::retry::AttemptDelays;
use super::url::DirectoryUrl;
use crate::fleet::client::{
    ClientAnswer, ClientError, CredentialSources, Destination, LoadedCredentials, TlsDestination,
    exchange_one, query_value, request,
};
use crate::fleet::instance_name::InstanceName;
use crate::fleet::limits::{
    ANNOUNCE_TIMEOUT, DEREGISTER_TIMEOUT, MAX_QUOTED_CHARS, MAX_REPEATED_CHARS,
};
use crate::fleet::random::random_part;

/// Longest time of the end of a lease that is shown, in characters.
const MAX_EXPIRES_CHARS: usize = 40;

/// Sends the announcements of one process to one directory.
#[derive(Debug)]
pub(super) struct AnnouncementSender {
    pub(super) url: DirectoryUrl,
    pub(super) name: InstanceName,
    pub(super) sources: Arc<CredentialSources>,
    /// What `body` says.
    pub(super) address: SocketAddr,
    pub(super) ttl_seconds: u64,
    pub(super) body: Bytes,
    pub(super) boot_id: String,
    pub(super) clock: Clock,
    pub(super) interval: Duration,
    /// Whether the directory has granted a lease.
    pub(super) is_registered: AtomicBool,
    /// Set when the process stops.
    pub(super) stop: watch::Sender<bool>,
}

/// The answer to an announcement.
#[derive(Debug, Deserialize)]
struct GrantAnswer {
    name: String,
    address: SocketAddr,
    expires: String,
    ttl_seconds: u64,
}

/// Why there is no lease.
enum Unregistered {
    /// The directory has not answered.
    NotAsked(ClientError),
    /// It answered with something else than this lease.
    Refused(String),
}

/// The part of the answer to a refused one.
#[derive(Deserialize)]
struct RefusalAnswer {
    error: String,
}

impl AnnouncementSender {
    /// Announces the instance; returns when its lease ends, as a text, or `None` if the process stops.
    pub(super) async fn announce(&self) -> Result<Option<String>, String> {
        let mut stop = self.stop.subscribe();
        let stopped = async {
            let _ = stop.wait_for(|has_stopped| *has_stopped).await;
        };
        match select(pin!(stopped), pin!(self.announce_with_retries())).await {
            Either::Left(_) => Ok(None),
            Either::Right((expires, _)) => {
                self.is_registered
                    .fetch_or(expires.is_ok(), Ordering::Relaxed);
                expires.map(Some)
            }
        }
    }

    /// Repeats what fails without an answer of the directory while the interval lasts.
    async fn announce_with_retries(&self) -> Result<String, String> {
        let mut delays = AttemptDelays::new(self.interval);
        let mut attempts = 1;
        loop {
            let began = self.clock.now();
            let error = match self.announce_or_wait().await {
                Ok(expires) => return Ok(expires),
                Err(Unregistered::Refused(reason)) => return Err(reason),
                Err(Unregistered::NotAsked(error)) => error,
            };
            let elapsed = self.clock.now().saturating_duration_since(began);
            let Some(delay) = delays.after(elapsed, random_part()) else {
                return Err(match attempts {
                    1 => error.to_string(),
                    _ => format!("{error} ({attempts} attempts)"),
                });
            };
            sleep(delay).await;
            attempts += 1;
        }
    }

    /// A process that was killed has left a lease, which ends soon. Its successor waits for that, so that
    /// it is missing in the directory for a moment only.
    async fn announce_or_wait(&self) -> Result<String, Unregistered> {
        let answer = self.put().await?;
        let left = answer.retry_after.filter(|left| *left <= self.interval);
        match left.filter(|_| answer.status == StatusCode::CONFLICT) {
            None => self.read_grant(&answer),
            Some(left) => {
                sleep(left).await;
                self.read_grant(&self.put().await?)
            }
        }
        .map_err(Unregistered::Refused)
    }

    async fn put(&self) -> Result<ClientAnswer, Unregistered> {
        let sent = self.send(Method::PUT, "", self.body.clone(), ANNOUNCE_TIMEOUT);
        sent.await.map_err(Unregistered::NotAsked)
    }

    /// When the granted lease ends.
    fn read_grant(&self, answer: &ClientAnswer) -> Result<String, String> {
        let grant = read_grant(answer)?;
        let (name, address, ttl) = (self.name.as_str(), self.address, self.ttl_seconds);
        if (grant.name.as_str(), grant.address, grant.ttl_seconds) != (name, address, ttl) {
            return Err(format!(
                "the directory has registered '{}' at {} for {} s, not '{name}' at {address} for {ttl} s",
                excerpt(&grant.name, MAX_QUOTED_CHARS),
                grant.address,
                grant.ttl_seconds
            ));
        }
        // What comes from outside is bounded and on one line.
        Ok(excerpt(&grant.expires, MAX_EXPIRES_CHARS).to_string())
    }

    /// Removes the instance; nothing is announced afterwards.
    pub(super) async fn deregister(&self) -> Result<(), String> {
        self.stop.send_replace(true);
        let query = format!("?boot_id={}", query_value(&self.boot_id));
        let sent = self
            .send(Method::DELETE, &query, Bytes::new(), DEREGISTER_TIMEOUT)
            .await;
        let answer = sent.map_err(|error| error.to_string())?;
        // 404: the lease has ended.
        let is_removed = matches!(answer.status, StatusCode::OK | StatusCode::NOT_FOUND);
        is_removed.then_some(()).ok_or_else(|| refusal(&answer))
    }

    async fn send(
        &self,
        method: Method,
        query: &str,
        body: Bytes,
        time: Duration,
    ) -> Result<ClientAnswer, ClientError> {
        let credentials = self.sources.load().await?;
        let destination = self.destination(&credentials)?;
        let (prefix, name) = (self.url.prefix(), &self.name);
        let target = format!("{prefix}/fleet/instances/{name}{query}");
        let authorization = credentials.authorization.as_ref();
        let request = request(method, self.url.authority(), &target, authorization, body)?;
        exchange_one(&destination, request, time).await
    }

    fn destination(&self, credentials: &LoadedCredentials) -> Result<Destination, ClientError> {
        Ok(match &self.url {
            DirectoryUrl::Unix(path) => Destination::Unix(path.clone()),
            DirectoryUrl::Tcp {
                is_tls, host, port, ..
            } => {
                let config = credentials.tls.as_ref().filter(|_| *is_tls);
                let tls = config.map(|config| TlsDestination::new(host, Arc::clone(config)));
                Destination::Tcp {
                    host: host.clone(),
                    port: *port,
                    tls: tls.transpose()?,
                }
            }
        })
    }
}

fn read_grant(answer: &ClientAnswer) -> Result<GrantAnswer, String> {
    if answer.status != StatusCode::OK {
        return Err(refusal(answer));
    }
    let grant: Result<GrantAnswer, _> = serde_json::from_slice(&answer.body);
    grant.map_err(|error| format!("answered 200 with something else than a lease: {error}"))
}

/// What a directory says that refuses.
fn refusal(answer: &ClientAnswer) -> String {
    let status = answer.status.as_u16();
    let hint = match status {
        401 => {
            ": give the announcement a token of the directory with token_file \
             (--announce-token-file of the example programs)"
        }
        _ => "",
    };
    let json: Option<RefusalAnswer> = serde_json::from_slice(&answer.body).ok();
    let text = json.map_or_else(|| answer.text(), |answer| answer.error);
    let text = excerpt(text.trim_end(), MAX_REPEATED_CHARS);
    format!("the directory answered {status}{hint}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: String) -> ClientAnswer {
        ClientAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: body.into(),
        }
    }

    fn grant(name: &str, address: &str, ttl_seconds: u64, expires: &str) -> ClientAnswer {
        let grant = serde_json::json!({
            "name": name, "address": address, "ttl_seconds": ttl_seconds, "expires": expires,
        });
        answer(200, grant.to_string())
    }

    fn sender() -> AnnouncementSender {
        AnnouncementSender {
            url: DirectoryUrl::Unix("/run/directory.sock".into()),
            name: "w1".parse().unwrap(),
            sources: Arc::default(),
            address: ([127, 0, 0, 1], 7000).into(),
            ttl_seconds: 30,
            body: Bytes::new(),
            boot_id: String::new(),
            clock: Clock::system(),
            interval: Duration::from_secs(10),
            is_registered: AtomicBool::new(false),
            stop: watch::Sender::new(false),
        }
    }

    #[test]
    fn answers_are_bounded_and_on_one_line() {
        let read = |expires: &str| sender().read_grant(&grant("w1", "127.0.0.1:7000", 30, expires));
        let expires = "2026-01-01T00:00:00Z";
        assert_eq!(read(expires).as_deref(), Ok(expires));
        let long = read(&"x".repeat(60_000)).unwrap();
        assert_eq!(long, format!("{}...", "x".repeat(MAX_EXPIRES_CHARS)));
        let refused = read_grant(&answer(409, "a\nb\u{202e}".repeat(60_000))).unwrap_err();
        assert!(refused.len() < 20_000 && !refused.contains(['\n', '\u{202e}']));
    }

    #[test]
    fn lease_of_something_else_is_refused() {
        for (name, address, ttl) in [
            ("w2", "127.0.0.1:7000", 30),
            ("w1", "127.0.0.1:7001", 30),
            ("w1", "127.0.0.1:7000", 5),
        ] {
            let error = sender()
                .read_grant(&grant(name, address, ttl, ""))
                .unwrap_err();
            assert!(
                error.contains(", not 'w1' at 127.0.0.1:7000 for 30 s"),
                "{error}"
            );
        }
        let error = sender().read_grant(&answer(200, "{}".to_owned()));
        assert!(error.unwrap_err().contains("something else than a lease"));
    }
}
