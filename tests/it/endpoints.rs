//! Endpoints of every kind, as users write them.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Condvar, Mutex, OnceLock};
use std::time::Duration;

use admin_runtime::describe::EndpointStatus;
use admin_runtime::{
    AdminError, Audit, Caller, Headers, Json, RequestContext, RequestId, Response, State,
    StatusCode, Upload, admin_endpoint,
};
use serde::{Deserialize, Serialize};

/// Longest wait for what happens unless something is broken.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

/// State: the name of the server that answers.
#[derive(Clone, Debug)]
pub(crate) struct Name(pub(crate) &'static str);

/// What the parameters were.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(crate) struct Echo {
    pub(crate) text: String,
    pub(crate) number: Option<i32>,
    pub(crate) flag: bool,
    pub(crate) tag: Vec<String>,
}

/// Repeat parameters.
///
/// The description goes on here.
#[admin_endpoint(path = "/echo/{text}")]
async fn echo(
    /// Any text.
    text: String,
    /// A number, if any.
    number: Option<i32>,
    #[param(name = "switch", default = "off")] flag: bool,
    tag: Vec<String>,
) -> Json<Echo> {
    Json(Echo {
        text,
        number,
        flag,
        tag,
    })
}

/// A sync function with a required parameter.
#[admin_endpoint(path = "/sync")]
fn sync(r#type: u8) -> String {
    format!(
        "type {} on {}",
        r#type,
        std::thread::current().name().unwrap_or("?")
    )
}

/// The server's own state.
#[admin_endpoint(path = "/name", status = "named")]
async fn name(State(name): State<Name>) -> &'static str {
    name.0
}

fn named(request: &RequestContext) -> EndpointStatus {
    let name = request.state::<Name>().map_or("nobody", |name| name.0);
    EndpointStatus::new().with("name", name)
}

/// An endpoint that cannot even say how it is.
#[admin_endpoint(path = "/ill", status = "broken")]
async fn ill() {}

fn broken(_: &RequestContext) -> EndpointStatus {
    panic!("a secret of the program")
}

/// Takes JSON.
#[admin_endpoint(method = "POST", path = "/json")]
async fn json(body: Json<Echo>) -> Json<Echo> {
    body
}

/// Takes a file.
#[admin_endpoint(method = "POST", path = "/upload")]
async fn upload(file: Upload) -> String {
    format!("{:?} {}", file.file_name(), file.bytes().len())
}

/// Tells who asks.
#[admin_endpoint(path = "/who")]
async fn who(caller: Caller, id: RequestId, headers: Headers) -> String {
    format!("{} {id} {}", caller, headers.len())
}

/// Writes by GET when told to.
#[admin_endpoint(path = "/level", effect_if(query = "set", effect = "write"))]
async fn level(set: Option<String>, audit: Audit) -> String {
    match set {
        Some(set) => {
            audit.change("old", &set);
            format!("set {set}")
        }
        None => "level".to_owned(),
    }
}

/// Changes something.
#[admin_endpoint(method = "POST", path = "/change")]
async fn change() {}

/// Panics, with a text that must not leave the process.
#[admin_endpoint(path = "/panic")]
async fn panics() -> String {
    panic!("secret of /build/machine")
}

/// Panics on a thread of the pool.
#[admin_endpoint(path = "/panic/sync")]
fn panics_sync() -> String {
    panic!("secret of /build/machine")
}

/// Fails with an error of its own.
#[admin_endpoint(path = "/fail")]
async fn fail() -> Result<Json<u8>, AdminError> {
    Err(std::io::Error::other("secret of /build/machine"))?
}

/// A status and headers.
#[admin_endpoint(path = "/teapot")]
async fn teapot() -> (StatusCode, String) {
    (StatusCode::IM_A_TEAPOT, "short and stout".to_owned())
}

/// A stream in three chunks.
#[admin_endpoint(path = "/stream")]
async fn stream() -> Response {
    let chunks = ["a", "b", "c"].map(|chunk| Ok(bytes::Bytes::from_static(chunk.as_bytes())));
    Response::stream(
        "text/plain; charset=utf-8",
        futures_util::stream::iter(chunks),
    )
}

/// A stream that does not end.
#[admin_endpoint(path = "/endless")]
async fn endless() -> Response {
    let chunks =
        futures_util::stream::repeat_with(|| Ok(bytes::Bytes::from_static(&[b'x'; 65536])));
    Response::stream("application/octet-stream", chunks)
}

/// Never answers in time.
#[admin_endpoint(path = "/slow", timeout = "50ms")]
async fn slow() -> String {
    std::future::pending().await
}

/// The gate of `/blocked`: handlers wait until a test releases them.
pub(crate) struct Gate {
    pub(crate) open: std::sync::mpsc::Sender<()>,
    wait: Mutex<Receiver<()>>,
}

pub(crate) fn gate() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| {
        let (open, wait) = channel();
        Gate {
            open,
            wait: Mutex::new(wait),
        }
    })
}

/// Blocks its thread until the gate opens.
#[admin_endpoint(path = "/blocked", timeout = "100ms")]
fn blocked() -> String {
    let _ = gate()
        .wait
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .recv();
    "through".to_owned()
}

/// Blocks a worker of the user runtime for the rest of the process, on behalf of one test.
#[admin_endpoint(path = "/wedged/{test}", timeout = "30s")]
async fn wedged(test: String) -> String {
    ENTERED.enter(test);
    loop {
        std::thread::park();
    }
}

/// Blocks a thread of the user runtime until its test releases it.
#[admin_endpoint(path = "/blocking/{test}", timeout = "30s")]
async fn blocking(test: String) -> &'static str {
    ENTERED.enter(format!("{test}-blocking"));
    ENTERED.wait_for(&format!("{test}-released"), 1);
    "released"
}

/// Calls an annotated function as written.
pub(crate) fn call_sync() -> String {
    sync(7)
}

/// How many requests of each test are in their handlers.
pub(crate) struct Entered {
    counts: Mutex<BTreeMap<String, usize>>,
    changed: Condvar,
}

pub(crate) static ENTERED: Entered = Entered {
    counts: Mutex::new(BTreeMap::new()),
    changed: Condvar::new(),
};

impl Entered {
    pub(crate) fn enter(&self, test: String) {
        *self.counts.lock().unwrap().entry(test).or_default() += 1;
        self.changed.notify_all();
    }

    /// Waits until this many requests of `test` are in their handlers.
    pub(crate) fn wait_for(&self, test: &str, count: usize) {
        let missing =
            |counts: &mut BTreeMap<String, usize>| counts.get(test).copied().unwrap_or(0) < count;
        let (counts, waited) = self
            .changed
            .wait_timeout_while(self.counts.lock().unwrap(), EVENT_TIMEOUT, missing)
            .unwrap();
        assert!(!waited.timed_out(), "{test}: {count} expected, {counts:?}");
    }
}

/// Announces that it was entered, then takes its whole time.
#[admin_endpoint(path = "/held/{test}", timeout = "300ms")]
async fn held(test: String) -> String {
    ENTERED.enter(test);
    std::future::pending().await
}

/// Announces that it was entered, then blocks its thread for a moment.
#[admin_endpoint(path = "/pausing/{test}")]
fn pausing(test: String) -> &'static str {
    ENTERED.enter(format!("{test}-pausing"));
    std::thread::sleep(Duration::from_millis(300));
    "paused"
}

#[admin_endpoint(path = "/greet/{name}")]
async fn greet(name: String, times: Option<usize>, shout: Option<bool>) -> Json<Vec<String>> {
    let name = if shout.unwrap_or(false) {
        name.to_uppercase()
    } else {
        name
    };
    Json(vec![name; times.unwrap_or(1).min(9)])
}
