//! One announcement, and the removal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::url::DirectoryUrl;
use crate::fleet::client::{
    ClientAnswer, ClientError, CredentialSources, Destination, LoadedCredentials, TlsDestination,
    exchange_one, query_value, request,
};
use crate::fleet::instance_name::InstanceName;
use crate::fleet::limits::{ANNOUNCE_TIMEOUT, DEREGISTER_TIMEOUT, MAX_REPEATED_CHARS};

/// Sends the announcements of one process to one directory.
#[derive(Debug)]
pub(super) struct AnnouncementSender {
    pub(super) url: DirectoryUrl,
    pub(super) name: InstanceName,
    pub(super) sources: Arc<CredentialSources>,
    pub(super) body: Bytes,
    pub(super) boot_id: String,
    /// Whether the process has stopped. Locked while a request is on its way, so that no announcement
    /// arrives after the removal.
    pub(super) has_stopped: Mutex<bool>,
}

/// The part of the answer to an announcement that is read.
#[derive(Deserialize)]
struct GrantAnswer {
    expires: String,
}

/// The part of the answer to a refused one.
#[derive(Deserialize)]
struct RefusalAnswer {
    error: String,
}

impl AnnouncementSender {
    /// Announces the instance; returns when its lease ends.
    pub(super) async fn announce(&self) -> Result<String, String> {
        let has_stopped = self.has_stopped.lock().await;
        if *has_stopped {
            return Ok("the process stops".to_owned());
        }
        let answer = self
            .send(Method::PUT, "", self.body.clone(), ANNOUNCE_TIMEOUT)
            .await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != StatusCode::OK {
            return Err(refusal(&answer));
        }
        let grant: Result<GrantAnswer, _> = serde_json::from_slice(&answer.body);
        let unexpected = |error| format!("answered 200 with something else than a lease: {error}");
        grant.map(|grant| grant.expires).map_err(unexpected)
    }

    /// Removes the instance; nothing is announced afterwards.
    pub(super) async fn deregister(&self) -> Result<(), String> {
        let mut has_stopped = self.has_stopped.lock().await;
        *has_stopped = true;
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

/// What a directory says that refuses.
fn refusal(answer: &ClientAnswer) -> String {
    let status = answer.status.as_u16();
    let hint = match status {
        401 => ": give the announcement a token of the directory with token_file",
        _ => "",
    };
    let json: Option<RefusalAnswer> = serde_json::from_slice(&answer.body).ok();
    let text = json.map_or_else(|| answer.text(), |answer| answer.error);
    let text: String = text.chars().take(MAX_REPEATED_CHARS).collect();
    format!("the directory answered {status}{hint}: {}", text.trim_end())
}
