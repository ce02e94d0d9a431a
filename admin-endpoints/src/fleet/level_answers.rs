//! What instances say to a change of their levels.

use admin_runtime::StatusCode;
use admin_runtime::text::excerpt;
use serde::Serialize;

use super::client::{ClientAnswer, ClientError};
use super::instance_name::InstanceName;
use super::limits::MAX_REPEATED_CHARS;

#[derive(Debug, Serialize)]
pub(super) struct FleetLevelReport {
    pub(super) matched: usize,
    pub(super) changed: usize,
    failed: usize,
    instances: Vec<InstanceAnswer>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum InstanceAnswer {
    /// The route of an instance has answered: 200 if the level is set.
    Answered {
        name: String,
        status: u16,
        answer: String,
    },
    Failed {
        name: String,
        error: String,
    },
}

impl InstanceAnswer {
    /// `expected` is the first line of the answer of an instance that has set the level.
    pub(super) fn new(
        name: &InstanceName,
        answer: Result<ClientAnswer, ClientError>,
        expected: &str,
    ) -> Self {
        let name = name.to_string();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let error = error.to_string();
                return Self::Failed { name, error };
            }
        };
        let (status, text) = (answer.status, answer.text());
        let shown = excerpt(text.trim_end(), MAX_REPEATED_CHARS).to_string();
        if status.is_success()
            && (status != StatusCode::OK || text.lines().next() != Some(expected))
        {
            let status = status.as_u16();
            let error = format!("answered {status} with '{shown}'; expected '{expected}'");
            return Self::Failed { name, error };
        }
        Self::Answered {
            name,
            status: status.as_u16(),
            answer: shown,
        }
    }

    fn has_changed(&self) -> bool {
        matches!(self, Self::Answered { status: 200, .. })
    }
}

impl FleetLevelReport {
    pub(super) fn new(instances: Vec<InstanceAnswer>) -> Self {
        let changed = instances
            .iter()
            .filter(|answer| answer.has_changed())
            .count();
        Self {
            matched: instances.len(),
            changed,
            failed: instances.len() - changed,
            instances,
        }
    }

    /// 200 only if every instance has changed.
    pub(super) fn status(&self) -> StatusCode {
        if self.failed == 0 {
            StatusCode::OK
        } else {
            StatusCode::BAD_GATEWAY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = "Set a::b level to DEBUG (including all handlers)";

    fn answered(status: u16, body: &str) -> InstanceAnswer {
        let answer = ClientAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: body.to_owned().into(),
        };
        InstanceAnswer::new(&"w1".parse().unwrap(), Ok(answer), EXPECTED)
    }

    #[test]
    fn only_a_level_that_is_set_counts() {
        let note = format!("{EXPECTED}\nNote: another filter hides a::b below WARNING");
        for body in [EXPECTED, &format!("{EXPECTED}\n"), &note] {
            assert!(answered(200, body).has_changed(), "{body}");
        }
        for (status, body) in [
            (204, ""),
            (200, ""),
            (202, EXPECTED),
            (200, "<html><body>It works!</body></html>"),
            (200, r#"{"error":"no such logger"}"#),
            (200, "Set a level to DEBUG (including all handlers)"),
            (200, "Set a::b level to INFO (including all handlers)"),
        ] {
            let answer = answered(status, body);
            assert!(!answer.has_changed(), "{body}");
            let InstanceAnswer::Failed { error, .. } = answer else {
                panic!("{body} is not a failure");
            };
            let reason = format!("answered {status} with '{body}'; expected '{EXPECTED}'");
            assert_eq!(error, reason);
        }
        assert!(!answered(501, EXPECTED).has_changed());
    }
}
