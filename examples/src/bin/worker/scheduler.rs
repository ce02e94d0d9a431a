//! The scheduler of the worker, if it has one, and the check that asks it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use admin_runtime::{State, health_check};
use serde::{Serialize, Serializer};
use ureq::Agent;
use ureq::http::Uri;

/// The scheduler that sends work to this worker.
#[derive(Clone, Debug)]
pub(crate) struct Scheduler {
    /// Its `/livez`; `None` without `--scheduler`.
    livez: Option<String>,
    agent: Agent,
}

/// Time for the reply; less than the timeout of the check, so that the reason is shown.
const REPLY_TIMEOUT: Duration = Duration::from_millis(800);

/// Parses `--scheduler`.
pub(crate) fn parse_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    if uri.scheme_str() == Some("http") && uri.host().is_some() && uri.path() == "/" {
        return Ok(uri);
    }
    Err("expected the address of an admin server, such as http://127.0.0.1:6999".to_owned())
}

/// Shows `--scheduler` at `/config`.
pub(crate) fn serialize_url<S: Serializer>(
    url: &Option<Uri>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    url.as_ref().map(Uri::to_string).serialize(serializer)
}

impl Scheduler {
    pub(crate) fn new(url: Option<&Uri>) -> Arc<Self> {
        let agent = Agent::config_builder()
            .timeout_global(Some(REPLY_TIMEOUT))
            .max_redirects(0)
            // It is reached directly, whatever proxy the environment names.
            .proxy(None)
            .build()
            .into();
        let livez = url.map(|url| format!("{url}livez"));
        Arc::new(Self { livez, agent })
    }
}

/// The scheduler is alive. Without `--scheduler` there is nothing to ask.
#[health_check(interval = "1s", timeout = "1s")]
fn scheduler(scheduler: State<Arc<Scheduler>>) -> Result<(), Box<dyn Error + Send + Sync>> {
    if let Some(livez) = &scheduler.livez {
        scheduler.agent.get(livez).call()?;
    }
    Ok(())
}
