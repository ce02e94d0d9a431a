//! A server with scripts, and a plain HTTP client for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use admin_endpoints::script::{Engine, ScriptConfig};
use admin_runtime::{AdminServer, RunningServer};
use libtest_mimic::Failed;
use ureq::Body;
use ureq::http::Response;

use super::objects::LmcacheAdapter;

/// Modules that the original is allowed in `data/script/original.py`.
pub(crate) const ALLOWED: [&str; 7] = [
    "json",
    "math",
    "datetime",
    "re",
    "collections",
    "itertools",
    "functools",
];

/// The interpreter that `python3` is; the command may be a script that looks for one.
pub(crate) fn python() -> &'static Path {
    static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
        let asked = Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output()
            .expect("python3 is installed");
        let path = String::from_utf8(asked.stdout).expect("a path");
        PathBuf::from(path.trim())
    });
    &PYTHON
}

/// A configuration with CPython that allows the same modules as the documented one.
pub(crate) fn cpython_config() -> ScriptConfig {
    let config = ScriptConfig::default().engine(Engine::cpython(python()));
    config.allow_imports(ALLOWED)
}

/// A server on a port of the kernel's choice.
pub(crate) struct Client {
    _server: RunningServer,
    agent: ureq::Agent,
    origin: String,
}

/// Status, text, and how long it took.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) took: Duration,
}

impl Client {
    pub(crate) fn new(config: ScriptConfig) -> Self {
        let server = AdminServer::builder()
            .config(config)
            .script_object("lmcache_adapter", LmcacheAdapter::default())
            .bind("127.0.0.1:0")
            .start()
            .expect("the server starts");
        let origin = format!("http://{}", server.local_addr());
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            _server: server,
            agent,
            origin,
        }
    }

    /// The server of the corpus.
    pub(crate) fn documented() -> Self {
        Self::new(ScriptConfig::default().allow_imports(ALLOWED))
    }

    pub(crate) fn run(&self, source: &[u8]) -> Reply {
        self.run_at("/run_script", source)
    }

    pub(crate) fn run_at(&self, target: &str, source: &[u8]) -> Reply {
        let (content_type, body) = form(source);
        self.post(target, &content_type, &body)
    }

    pub(crate) fn post(&self, target: &str, content_type: &str, body: &[u8]) -> Reply {
        let began = Instant::now();
        let sent = self
            .agent
            .post(format!("{}{target}", self.origin))
            .header("content-type", content_type)
            .send(body);
        reply(sent, began)
    }

    pub(crate) fn get(&self, target: &str) -> Reply {
        let began = Instant::now();
        reply(
            self.agent.get(format!("{}{target}", self.origin)).call(),
            began,
        )
    }

    /// What the index says of the route.
    pub(crate) fn status(&self) -> Result<serde_json::Value, Failed> {
        let index: serde_json::Value = serde_json::from_str(&self.get("/").text)?;
        let entries = index["endpoints"].as_array().ok_or("a list")?;
        let entry = entries.iter().find(|entry| entry["path"] == "/run_script");
        Ok(entry.ok_or("the route is listed")?["status"].clone())
    }

    pub(crate) fn address(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }
}

fn reply(sent: Result<Response<Body>, ureq::Error>, began: Instant) -> Reply {
    let mut sent = sent.expect("an answer");
    let status = sent.status().as_u16();
    let retry_after = sent.headers().get("retry-after");
    let retry_after = retry_after.and_then(|value| value.to_str().ok().map(str::to_owned));
    let text = sent.body_mut().read_to_string().expect("text");
    Reply {
        status,
        text,
        retry_after,
        took: began.elapsed(),
    }
}

/// A form as curl writes it.
pub(crate) fn form(source: &[u8]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "------------------------d74496d66958873e";
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"script\"; \
         filename=\"scratch.py\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    let mut body = head.into_bytes();
    body.extend_from_slice(source);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Asks until there is an answer or the time is up.
pub(crate) fn until<T>(most: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        match ask() {
            Some(answer) => return Some(answer),
            None if began.elapsed() > most => return None,
            None => std::thread::yield_now(),
        }
    }
}
