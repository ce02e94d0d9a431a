//! A periodic thread: sessions that expire are removed once a second.
//!
//! `cargo run --example periodic`, then run what it prints. The server starts the thread, watches
//! it, and reports it at /periodic-threads-health.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use admin_runtime::{
    AdminServer, Audit, Json, RunSummary, StartError, State, admin_endpoint, periodic,
};

admin_runtime::link!(admin_endpoints); // for /periodic-threads

/// When each session expires, by the name of its user.
#[derive(Clone, Debug, Default)]
struct Sessions(Arc<Mutex<BTreeMap<String, Instant>>>);

impl Sessions {
    fn by_user(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "a program reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Removes the sessions that have expired.
#[periodic(level = "high", interval = "1s")]
fn sweeper(sessions: State<Sessions>) -> RunSummary {
    let mut by_user = sessions.by_user();
    let (before, now) = (by_user.len(), now());
    by_user.retain(|_, expires| *expires > now);
    let removed = before - by_user.len();
    RunSummary::new(format!("removed {removed} sessions")).with("removed", removed)
}

/// The users with a session.
#[admin_endpoint(path = "/sessions")]
async fn list(sessions: State<Sessions>) -> Json<Vec<String>> {
    Json(sessions.by_user().keys().cloned().collect())
}

/// Open a session, or prolong it.
#[admin_endpoint(method = "PUT", path = "/sessions/{user}")]
async fn open(
    user: String,
    /// Seconds until it expires.
    #[param(default = "10")]
    seconds: u32,
    sessions: State<Sessions>,
    audit: Audit,
) -> Json<String> {
    let expires = now() + Duration::from_secs(seconds.into());
    sessions.by_user().insert(user.clone(), expires);
    audit.change("-", format_args!("expires in {seconds} s"));
    Json(user)
}

fn main() -> Result<(), StartError> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:7000");
    let sessions = Sessions::default();
    let builder = AdminServer::builder().state(sessions).bind(address);
    let admin = builder.start()?;
    let address = admin.local_addr();
    println!("curl -X PUT 'http://{address}/sessions/ada?seconds=2'");
    println!("curl http://{address}/sessions");
    println!("curl 'http://{address}/periodic-threads/sweeper?history=true'");
    println!("curl http://{address}/periodic-threads-health");
    loop {
        std::thread::park(); // the work of your program
    }
}
