//! Endpoints that read and change what the program works with: limits of queues.
//!
//! `cargo run --example state`, then run what it prints. Each change is one line in the audit log.

#![expect(clippy::print_stdout, reason = "it prints commands to try")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use admin_runtime::{AdminError, AdminServer, Audit, Json, StartError, State, admin_endpoint};

/// Jobs that may wait, by queue.
#[derive(Clone, Debug)]
struct Queues(Arc<Mutex<BTreeMap<String, u64>>>);

impl Queues {
    fn limits(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The limit of every queue.
#[admin_endpoint(path = "/queues")]
async fn list(queues: State<Queues>) -> Json<BTreeMap<String, u64>> {
    Json(queues.limits().clone())
}

/// Set the limit of one queue.
#[admin_endpoint(method = "PUT", path = "/queues/{queue}/limit")]
async fn set_limit(
    queue: String,
    /// Jobs that may wait.
    jobs: u64,
    queues: State<Queues>,
    audit: Audit,
) -> Result<Json<u64>, AdminError> {
    let mut limits = queues.limits();
    let missing = || AdminError::not_found(format!("No queue '{queue}'"));
    let limit = limits.get_mut(&queue).ok_or_else(missing)?;
    audit.change(*limit, jobs);
    *limit = jobs;
    Ok(Json(jobs))
}

fn main() -> Result<(), StartError> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:7000");
    let limits = BTreeMap::from([("mail".to_owned(), 100), ("index".to_owned(), 8)]);
    let queues = Queues(Arc::new(Mutex::new(limits)));
    let admin = AdminServer::builder().state(queues).bind(address).start()?;
    let address = admin.local_addr();
    println!("curl http://{address}/queues");
    println!("curl -X PUT 'http://{address}/queues/mail/limit?jobs=20'");
    loop {
        std::thread::park(); // the work of your program, which shares `queues`
    }
}
