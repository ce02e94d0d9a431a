//! The scheduler of the worker, if it has one, and the check that asks it.

use std::net::Ipv6Addr;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::{State, health_check};
use serde::Serialize;
use ureq::{Agent, Error, Timeout};

/// The scheduler that sends work to this worker.
#[derive(Clone, Debug)]
pub(crate) struct Scheduler {
    /// Its `/livez`; `None` without `--scheduler`.
    livez: Option<String>,
    agent: Agent,
}

/// The value of `--scheduler`: `http://HOST` or `http://HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct SchedulerUrl(String);

/// Time for a connection, and then for the reply: together less than the timeout of the check, so that
/// the reason is shown.
const STEP_TIMEOUT: Duration = Duration::from_millis(400);

/// What `--scheduler` accepts.
const EXPECTED: &str = "expected http://HOST or http://HOST:PORT, such as http://127.0.0.1:6999";

impl SchedulerUrl {
    /// Parses `--scheduler`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("http://").ok_or(EXPECTED)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let end = match authority.strip_prefix('[') {
            Some(rest) => rest.find(']').ok_or(EXPECTED)? + 2,
            None => authority.find(':').unwrap_or(authority.len()),
        };
        let (host, port) = authority.split_at(end);
        if !is_host(host) {
            return Err(EXPECTED.to_owned());
        }
        if let Some(port) = port.strip_prefix(':') {
            let has_digits = port.bytes().all(|byte| byte.is_ascii_digit());
            if !has_digits || port.parse::<u16>().unwrap_or(0) == 0 {
                return Err(format!("{EXPECTED}, with a port from 1 to 65535"));
            }
        } else if !port.is_empty() {
            return Err(EXPECTED.to_owned());
        }
        Ok(Self(format!("http://{authority}")))
    }
}

/// An IPv6 address in brackets, an IPv4 address or a name.
fn is_host(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(inner) = inner {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    host.starts_with(|first: char| first.is_ascii_alphanumeric()) && host.bytes().all(is_allowed)
}

impl Scheduler {
    pub(crate) fn new(url: Option<&SchedulerUrl>) -> Arc<Self> {
        // Without a limit for the lookup of the name, which would need a thread for each: one that takes
        // too long keeps the thread of the check, whose own timeout reports it.
        let agent = Agent::config_builder()
            .timeout_connect(Some(STEP_TIMEOUT))
            .timeout_send_request(Some(STEP_TIMEOUT / 4))
            .timeout_recv_response(Some(STEP_TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            // It is reached directly, whatever proxy the environment names.
            .proxy(None)
            .build()
            .into();
        let livez = url.map(|SchedulerUrl(url)| format!("{url}/livez"));
        Arc::new(Self { livez, agent })
    }

    /// Why it is not alive; only a 2xx says that it is.
    fn failure(&self) -> Option<String> {
        let livez = self.livez.as_ref()?;
        match self.agent.get(livez).call() {
            Ok(reply) if reply.status().is_success() => None,
            Ok(reply) => {
                let status = reply.status().as_u16();
                let hint = match status {
                    401 => ": start the scheduler with --public /livez",
                    403 => ": start the scheduler with --allow-host and the name in this URL",
                    _ => "",
                };
                Some(format!("{livez} answered {status}{hint}"))
            }
            Err(Error::Timeout(Timeout::Connect)) => Some(format!(
                "timed out after {STEP_TIMEOUT:?}: no connection to {livez}"
            )),
            Err(Error::Timeout(_)) => Some(format!(
                "timed out after {STEP_TIMEOUT:?}: no reply from {livez}"
            )),
            Err(error) => Some(format!("no reply from {livez}: {error}")),
        }
    }
}

/// The scheduler is alive. Without `--scheduler` there is nothing to ask.
#[health_check(interval = "1s", timeout = "1s")]
fn scheduler(scheduler: State<Arc<Scheduler>>) -> Result<(), String> {
    scheduler.failure().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_servers_are_accepted() {
        let accepted = [
            "http://127.0.0.1:6999",
            "http://[::1]:65535",
            "http://scheduler.default.svc",
            "http://scheduler_1:1",
        ];
        for text in accepted {
            let url = SchedulerUrl(text.to_owned());
            assert_eq!(SchedulerUrl::parse(text), Ok(url.clone()));
            assert_eq!(SchedulerUrl::parse(&format!("{text}/")), Ok(url));
        }
        let refused = [
            "",
            "http://",
            "http:///",
            "http://:",
            "http://:6999",
            "http://h:",
            "http://h:0",
            "http://h:+80",
            "http://h:65536",
            "http://127.0.0.1:99999",
            "http://h:80:80",
            "http://h/?a=b",
            "http://h?a=b",
            "http://h/#f",
            "http://h/livez",
            "http://h//",
            "http://user@h",
            "http://h h",
            "http://%68",
            "http://.",
            "http://[::1",
            "http://[::1]80",
            "http://[h]",
            "https://h",
            "127.0.0.1:6999",
        ];
        for text in refused {
            let error = SchedulerUrl::parse(text).unwrap_err();
            assert!(error.starts_with(EXPECTED), "{text:?}: {error}");
        }
    }

    #[test]
    fn lookup_of_a_name_needs_no_thread() {
        let scheduler = Scheduler::new(None);
        let timeouts = scheduler.agent.config().timeouts();
        let of_lookup = [timeouts.global, timeouts.per_call, timeouts.resolve];
        assert_eq!(of_lookup, [None; 3]);
        assert_eq!(scheduler.failure(), None, "there is nothing to ask");
    }
}
