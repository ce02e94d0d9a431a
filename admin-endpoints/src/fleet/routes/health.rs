//! `GET /fleet/health`: what all instances say of themselves.

use std::net::SocketAddr;

use admin_runtime::text::excerpt;
use admin_runtime::{AdminError, Json, StatusCode, admin_endpoint};
use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fleet::ask_all::{AskedInstance, ask_all};
use crate::fleet::client::{ClientAnswer, ClientError, LoadedCredentials, exchange, request};
use crate::fleet::enabled::{EnabledFleet, check_credentials, directory_status};
use crate::fleet::instance::{Instance, LeaseState};
use crate::fleet::limits::{INSTANCE_TIMEOUT, MAX_REPEATED_CHARS};
use crate::fleet::shown_time::rfc3339;

/// What an instance is asked, in this order.
const QUESTIONS: [&str; 3] = ["/readyz?verbose", "/periodic-threads-health", "/build"];

/// Longest version that is shown, in characters.
const MAX_VERSION_CHARS: usize = 64;

#[derive(Debug, Serialize)]
struct FleetHealthReport {
    instances: Vec<InstanceHealth>,
    ready: usize,
    not_ready: usize,
    unreachable: usize,
}

/// What one instance has answered.
#[derive(Debug, Default, PartialEq, Serialize)]
struct HealthAnswers {
    /// `None` if it is not known.
    ready: Option<bool>,
    periodic_threads: Option<&'static str>,
    version: Option<String>,
    uptime_seconds: Option<f64>,
    /// Why something is not known.
    error: Option<String>,
    duration_ms: u64,
    /// The lines of the checks that fail, and the periodic threads that are not healthy.
    details: String,
}

#[derive(Debug, Serialize)]
struct InstanceHealth {
    name: String,
    address: SocketAddr,
    #[serde(flatten)]
    answers: HealthAnswers,
}

/// The part of `/periodic-threads-health` that is read.
#[derive(Deserialize)]
struct PeriodicAnswer {
    healthy: bool,
    #[serde(default)]
    unhealthy_threads: Vec<Value>,
}

/// The part of `/build` that is read.
#[derive(Deserialize)]
struct BuildAnswer {
    version: Option<String>,
    uptime_seconds: Option<f64>,
}

impl HealthAnswers {
    fn new(answers: &[ClientAnswer], error: Option<&ClientError>) -> Self {
        let mut health = Self::default();
        for (question, answer) in QUESTIONS.iter().zip(answers) {
            let read = match *question {
                "/build" => health.read_build(answer),
                "/periodic-threads-health" => health.read_periodic(answer),
                _ => health.read_ready(answer),
            };
            if let Err(reason) = read
                && health.error.is_none()
            {
                health.error = Some(format!("GET {question} {reason}"));
            }
        }
        if let Some(error) = error {
            let question = QUESTIONS.get(answers.len()).unwrap_or(&"/");
            health.error = Some(if answers.is_empty() {
                error.to_string()
            } else {
                format!("GET {question}: {error}")
            });
        }
        health.details = excerpt_lines(&health.details);
        health
    }

    /// Of an instance that is not asked.
    fn from_ended(instance: &Instance) -> Self {
        let end = rfc3339(instance.expires);
        Self {
            error: Some(format!("the lease ended at {end}")),
            ..Self::default()
        }
    }

    fn read_ready(&mut self, answer: &ClientAnswer) -> Result<(), String> {
        self.ready = match answer.status {
            StatusCode::OK => Some(true),
            StatusCode::SERVICE_UNAVAILABLE => Some(false),
            status => return Err(status_text(status)),
        };
        let text = answer.text();
        let failing: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("[-]"))
            .collect();
        self.details = failing.join("\n");
        Ok(())
    }

    fn read_periodic(&mut self, answer: &ClientAnswer) -> Result<(), String> {
        // A program without periodic threads may not have the route.
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        let read: PeriodicAnswer = json(answer)?;
        self.periodic_threads = Some(if read.healthy { "healthy" } else { "unhealthy" });
        for thread in read.unhealthy_threads {
            let (name, state) = (thread["name"].as_str(), thread["state"].as_str());
            if !self.details.is_empty() {
                self.details.push('\n');
            }
            let (name, state) = (name.unwrap_or("?"), state.unwrap_or("unhealthy"));
            self.details
                .push_str(&format!("periodic thread {name}: {state}"));
        }
        Ok(())
    }

    fn read_build(&mut self, answer: &ClientAnswer) -> Result<(), String> {
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        let read: BuildAnswer = json(answer)?;
        let version = read.version;
        self.version = version.map(|text| excerpt(&text, MAX_VERSION_CHARS).to_string());
        self.uptime_seconds = read.uptime_seconds;
        Ok(())
    }
}

fn json<'a, T: Deserialize<'a>>(answer: &'a ClientAnswer) -> Result<T, String> {
    if !answer.status.is_success() {
        return Err(status_text(answer.status));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|error| format!("answered with something else than expected: {error}"))
}

fn status_text(status: StatusCode) -> String {
    let hint = match status {
        StatusCode::UNAUTHORIZED => {
            ": give the directory a token of its instances (FleetConfig::instance_token)"
        }
        _ => "",
    };
    format!("answered {}{hint}", status.as_u16())
}

/// At most [`MAX_REPEATED_CHARS`] characters, line breaks kept.
fn excerpt_lines(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| excerpt(line, MAX_REPEATED_CHARS).to_string());
    let lines: Vec<_> = lines.collect();
    let text = lines.join("\n");
    match text.char_indices().nth(MAX_REPEATED_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Without what failed checks say, as probes answer a caller without credentials.
fn without_reasons(details: &str) -> String {
    let lines = details
        .lines()
        .map(|line| match line.split_once(" failed: ") {
            Some((check, _)) if line.starts_with("[-]") => {
                format!("{check} failed: reason withheld")
            }
            _ => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
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
/// Each is asked for `/readyz?verbose`, `/periodic-threads-health` and `/build`. The status is 200
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
    let shared = fleet.shared();
    let listed = shared.listed().into_iter();
    let (live, ended): (Vec<_>, Vec<_>) = listed.partition(|(_, lease)| *lease == LeaseState::Live);
    let live = live.into_iter().map(|(instance, _)| instance).collect();
    let asked = ask_all(shared, &credentials, live, |asked| async {
        let began = shared.clock.now();
        let mut answers = ask(asked, &credentials).await?;
        let duration = shared.clock.now().saturating_duration_since(began);
        answers.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Ok(answers)
    });
    let instances = asked.await.into_iter().map(|(instance, answers)| {
        let mut answers = answers.unwrap_or_else(|error| HealthAnswers::new(&[], Some(&error)));
        if !fleet.is_trusted {
            answers.details = without_reasons(&answers.details);
        }
        health_of(&instance, answers)
    });
    let ended = ended
        .iter()
        .map(|(instance, _)| health_of(instance, HealthAnswers::from_ended(instance)));
    let mut instances: Vec<_> = instances.chain(ended).collect();
    instances.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(FleetHealthReport::new(instances)))
}

fn health_of(instance: &Instance, answers: HealthAnswers) -> InstanceHealth {
    InstanceHealth {
        name: instance.name.to_string(),
        address: instance.address,
        answers,
    }
}

async fn ask(
    asked: AskedInstance,
    credentials: &LoadedCredentials,
) -> Result<HealthAnswers, ClientError> {
    let host = asked.instance.address.to_string();
    let requests = QUESTIONS.iter().map(|target| {
        let authorization = credentials.authorization.as_ref();
        request(Method::GET, &host, target, authorization, Bytes::new())
    });
    let requests = requests.collect::<Result<_, _>>()?;
    let (answers, error) = exchange(&asked.destination, requests, INSTANCE_TIMEOUT).await;
    Ok(HealthAnswers::new(&answers, error.as_ref()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, body: &str) -> ClientAnswer {
        ClientAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: Bytes::from(body.to_owned()),
        }
    }

    #[test]
    fn healthy_instance_has_no_details() {
        let answers = [
            answer(200, "[+]accepting ok\nreadyz check passed\n"),
            answer(
                200,
                r#"{"healthy":true,"unhealthy_count":0,"unhealthy_threads":[]}"#,
            ),
            answer(
                200,
                r#"{"name":"worker","version":"0.1.0","uptime_seconds":7.5}"#,
            ),
        ];
        let health = HealthAnswers::new(&answers, None);
        let expected = HealthAnswers {
            ready: Some(true),
            periodic_threads: Some("healthy"),
            version: Some("0.1.0".to_owned()),
            uptime_seconds: Some(7.5),
            ..HealthAnswers::default()
        };
        assert_eq!(health, expected);
    }

    #[test]
    fn failing_lines_are_shown() {
        let ready = "[+]accepting ok\n[-]disk failed: full\nreadyz check failed\n";
        let periodic =
            r#"{"healthy":false,"unhealthy_threads":[{"name":"heartbeat","state":"failing"}]}"#;
        let health = HealthAnswers::new(&[answer(503, ready), answer(200, periodic)], None);
        assert_eq!(
            (health.ready, health.periodic_threads),
            (Some(false), Some("unhealthy"))
        );
        assert_eq!(
            health.details,
            "[-]disk failed: full\nperiodic thread heartbeat: failing"
        );
    }

    #[test]
    fn what_is_missing_has_a_reason() {
        let timed_out = ClientError::TimedOut(Duration::from_secs(1));
        let health = HealthAnswers::new(&[], Some(&timed_out));
        assert_eq!(
            (health.ready, health.error.as_deref()),
            (None, Some("timed out after 1s"))
        );
        let health = HealthAnswers::new(&[answer(200, "")], Some(&timed_out));
        let reason = "GET /periodic-threads-health: timed out after 1s";
        assert_eq!(
            (health.ready, health.error.as_deref()),
            (Some(true), Some(reason))
        );
        let health = HealthAnswers::new(&[answer(401, "")], None);
        assert_eq!(health.ready, None);
        assert!(
            health
                .error
                .unwrap()
                .contains("FleetConfig::instance_token")
        );
        let garbage = [answer(200, ""), answer(200, "garbage"), answer(404, "")];
        let health = HealthAnswers::new(&garbage, None);
        assert!(
            health
                .error
                .unwrap()
                .starts_with("GET /periodic-threads-health answered with")
        );
    }

    #[test]
    fn reasons_can_be_withheld() {
        let details = "[-]disk failed: /var is full\nperiodic thread heartbeat: failing";
        let expected = "[-]disk failed: reason withheld\nperiodic thread heartbeat: failing";
        assert_eq!(without_reasons(details), expected);
    }

    #[test]
    fn details_are_bounded() {
        let line = format!("[-]x failed: {}\n", "\u{1b}y".repeat(4000));
        let health = HealthAnswers::new(&[answer(503, &line.repeat(4))], None);
        assert!(health.details.chars().count() <= MAX_REPEATED_CHARS + 3);
        assert!(!health.details.contains('\u{1b}'));
    }
}
