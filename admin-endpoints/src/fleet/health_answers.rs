//! What an instance says of its health, read from its answers.

use admin_runtime::StatusCode;
use admin_runtime::text::excerpt;
use serde::{Deserialize, Serialize};

use super::client::{ClientAnswer, ClientError};
use super::limits::MAX_REPEATED_CHARS;

/// What an instance is asked, in this order.
pub(super) const QUESTIONS: [&str; 3] = ["/readyz?verbose", "/periodic-threads-health", "/build"];

/// What one is asked too whose periodic threads are not healthy.
pub(super) const THREADS_QUESTION: &str = "/periodic-threads";

/// The last line of the answer of an instance that is ready.
const PASSED: &str = "readyz check passed";

/// Longest version that is shown, in characters.
const MAX_VERSION_CHARS: usize = 64;

/// The state of a thread for which none is known: it is not active, whatever its state is.
const UNKNOWN_STATE: &str = "not active";

/// What one instance has answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct HealthAnswers {
    /// `None` if it is not known.
    pub(super) ready: Option<bool>,
    /// Whether it has answered at all.
    pub(super) reachable: bool,
    periodic_threads: Option<&'static str>,
    version: Option<String>,
    uptime_seconds: Option<f64>,
    /// Why something is not known.
    error: Option<String>,
    pub(super) duration_ms: u64,
    /// The lines of the checks that fail, and the periodic threads that are not healthy.
    details: String,
    #[serde(skip)]
    unhealthy_threads: Vec<InactiveThread>,
}

/// A periodic thread that is not active, and its fault.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename = "of a periodic thread")] // in messages: "expected struct"
struct InactiveThread {
    name: String,
    level: String,
    /// [`THREADS_QUESTION`] has it.
    #[serde(default)]
    state: Option<String>,
}

/// The part of `/periodic-threads-health` that is read.
#[derive(Deserialize)]
#[serde(rename = "of /periodic-threads-health")]
struct PeriodicAnswer {
    healthy: bool,
    #[serde(default)]
    unhealthy_threads: Vec<InactiveThread>,
}

/// The part of `/periodic-threads` that is read.
#[derive(Deserialize)]
#[serde(rename = "of /periodic-threads")]
struct ThreadsAnswer {
    threads: Vec<InactiveThread>,
}

/// The part of `/build` that is read.
#[derive(Deserialize)]
#[serde(rename = "of /build")]
struct BuildAnswer {
    version: Option<String>,
    uptime_seconds: Option<f64>,
}

impl HealthAnswers {
    pub(super) fn new(answers: &[ClientAnswer], error: Option<&ClientError>) -> Self {
        let is_answer = |error: &ClientError| {
            matches!(error, ClientError::Redirected(_) | ClientError::TooLong)
        };
        let mut health = Self {
            reachable: !answers.is_empty() || error.is_some_and(is_answer),
            ..Self::default()
        };
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
        health
    }

    /// Whether [`THREADS_QUESTION`] would say more.
    pub(super) fn has_unhealthy_threads(&self) -> bool {
        !self.unhealthy_threads.is_empty()
    }

    /// Adds the states of unhealthy threads; without an answer they are just not active.
    pub(super) fn add_states(&mut self, answer: Result<&ClientAnswer, &ClientError>) {
        let threads = answer.ok().and_then(|answer| json(answer).ok());
        let threads = threads.map_or_else(Vec::new, |answer: ThreadsAnswer| answer.threads);
        for unhealthy in &mut self.unhealthy_threads {
            let found = threads.iter().find(|thread| thread.name == unhealthy.name);
            unhealthy.state = found.and_then(|thread| thread.state.clone());
        }
    }

    /// Writes the details, at most [`MAX_REPEATED_CHARS`] characters.
    pub(super) fn finish(mut self) -> Self {
        let threads = self.unhealthy_threads.drain(..).map(|thread| {
            let InactiveThread { name, level, state } = thread;
            let state = state.as_deref().unwrap_or(UNKNOWN_STATE);
            format!("periodic thread {name} ({level}): {state}")
        });
        let checks = self.details.lines().map(str::to_owned);
        let lines: Vec<_> = checks.chain(threads).collect();
        self.details = excerpt_lines(&lines.join("\n"));
        self
    }

    /// Without what failed checks say, as probes answer a caller without credentials.
    pub(super) fn without_reasons(self) -> Self {
        let withheld = |error: String| match error.split_once(" with ") {
            Some((start, _)) => format!("{start} with something else than expected"),
            None => error,
        };
        Self {
            details: without_reasons(&self.details),
            error: self.error.map(withheld),
            ..self
        }
    }

    fn read_ready(&mut self, answer: &ClientAnswer) -> Result<(), String> {
        let text = answer.text();
        self.ready = match answer.status {
            // Another server at this address may answer 200 to everything.
            StatusCode::OK if !text.trim_end().ends_with(PASSED) => {
                let shown = excerpt(text.trim_end(), MAX_REPEATED_CHARS);
                return Err(format!(
                    "answered 200 with '{shown}'; expected '{PASSED}' at the end"
                ));
            }
            StatusCode::OK => Some(true),
            StatusCode::SERVICE_UNAVAILABLE => Some(false),
            status => return Err(status_text(status)),
        };
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
        self.unhealthy_threads = read.unhealthy_threads;
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
    serde_json::from_slice(&answer.body).map_err(|error| {
        let error = error.to_string();
        let shown = excerpt(&error, MAX_REPEATED_CHARS);
        format!("answered with something else than expected: {shown}")
    })
}

fn status_text(status: StatusCode) -> String {
    let hint = match status {
        StatusCode::UNAUTHORIZED => {
            ": give the directory a token of its instances (FleetConfig::instance_token, \
             --instances-token-file of the example programs)"
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

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
            reachable: true,
            periodic_threads: Some("healthy"),
            version: Some("0.1.0".to_owned()),
            uptime_seconds: Some(7.5),
            ..HealthAnswers::default()
        };
        assert_eq!(health.finish(), expected);
    }

    /// The details of an instance with a failing thread, which says so or not.
    fn details(threads: &str) -> String {
        let ready = "[+]accepting ok\n[-]disk failed: full\nreadyz check failed\n";
        let periodic = r#"{"healthy":false,"unhealthy_threads":[{"name":"heartbeat","level":"critical","last_run_ago":3.1,"interval":10.0}]}"#;
        let mut health = HealthAnswers::new(&[answer(503, ready), answer(200, periodic)], None);
        assert_eq!(
            (health.ready, health.periodic_threads),
            (Some(false), Some("unhealthy"))
        );
        assert!(health.has_unhealthy_threads());
        health.add_states(Ok(&answer(200, threads)));
        health.finish().details
    }

    #[test]
    fn failing_lines_and_faults_are_shown() {
        let threads = r#"{"threads":[
            {"name":"evictor","level":"high","state":"waiting"},
            {"name":"heartbeat","level":"critical","state":"failing"}]}"#;
        let expected = "[-]disk failed: full\nperiodic thread heartbeat (critical): failing";
        assert_eq!(details(threads), expected);
    }

    #[test]
    fn thread_of_unknown_state_is_not_active() {
        let expected = "[-]disk failed: full\nperiodic thread heartbeat (critical): not active";
        for threads in [r#"{"threads":[]}"#, "garbage"] {
            assert_eq!(details(threads), expected);
        }
        let mut health = HealthAnswers::new(&[], None);
        health.add_states(Err(&ClientError::TooLong));
        assert_eq!(health.finish().details, "");
    }

    #[test]
    fn what_is_missing_has_a_reason() {
        let timed_out = ClientError::TimedOut(Duration::from_secs(1));
        let health = HealthAnswers::new(&[], Some(&timed_out));
        assert_eq!(
            (health.ready, health.error.as_deref()),
            (None, Some("timed out after 1s"))
        );
        let ready = || answer(200, PASSED);
        let health = HealthAnswers::new(&[ready()], Some(&timed_out));
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
        let garbage = [ready(), answer(200, "garbage"), answer(404, "")];
        let health = HealthAnswers::new(&garbage, None);
        assert!(
            health
                .error
                .unwrap()
                .starts_with("GET /periodic-threads-health answered with")
        );
    }

    #[test]
    fn only_the_text_of_a_probe_is_ready() {
        for text in ["", "<html>It works!</html>", "livez check passed"] {
            let health = HealthAnswers::new(&[answer(200, text)], None);
            assert_eq!((health.ready, health.reachable), (None, true), "{text}");
            let expected = format!(
                "GET /readyz?verbose answered 200 with '{text}'; expected 'readyz check passed' at the end"
            );
            assert_eq!(health.error, Some(expected));
        }
    }

    #[test]
    fn whoever_answers_is_reachable() {
        let refused = ClientError::NoConnection("refused".to_owned());
        let redirected = ClientError::Redirected(StatusCode::FOUND);
        for (answers, error, expected) in [
            (&[][..], Some(&refused), false),
            (&[], Some(&redirected), true),
            (&[], Some(&ClientError::TooLong), true),
            (&[answer(401, "")], None, true),
            (&[answer(404, "")], Some(&refused), true),
        ] {
            let health = HealthAnswers::new(answers, error);
            assert_eq!((health.ready, health.reachable), (None, expected));
        }
    }

    #[test]
    fn reasons_can_be_withheld() {
        let details = "[-]disk failed: /var is full\nperiodic thread heartbeat: failing";
        let expected = "[-]disk failed: reason withheld\nperiodic thread heartbeat: failing";
        assert_eq!(without_reasons(details), expected);
    }

    #[test]
    fn errors_are_bounded_and_withheld() {
        let text = format!("\"{}\"", "x".repeat(60_000));
        let answers = [answer(200, PASSED), answer(200, &text)];
        let health = HealthAnswers::new(&answers, None);
        let error = health.error.clone().unwrap();
        assert!(error.len() < MAX_REPEATED_CHARS + 200, "{}", error.len());
        let expected = "GET /periodic-threads-health answered with something else than expected";
        assert_eq!(health.without_reasons().error.as_deref(), Some(expected));
    }

    #[test]
    fn details_are_bounded() {
        let line = format!("[-]x failed: {}\n", "\u{1b}y".repeat(4000));
        let health = HealthAnswers::new(&[answer(503, &line.repeat(4))], None).finish();
        assert!(health.details.chars().count() <= MAX_REPEATED_CHARS + 3);
        assert!(!health.details.contains('\u{1b}'));
    }
}
