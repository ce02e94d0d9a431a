//! How often the threads of a server wake up that has nothing to do.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::server::{ServerProcess, status_field};

/// Until what the first requests have begun has ended.
const SETTLE_TIME: Duration = Duration::from_secs(5);

const DURATION: Duration = Duration::from_secs(10);

pub(crate) fn measure() {
    let server = ServerProcess::start(256, None);
    for path in ["/livez", "/readyz", "/metrics", "/", "/env"] {
        let reply = admin_tests::ask(server.address, "GET", path, &[]);
        assert!(matches!(reply.status, 200 | 503), "{reply:?}");
    }
    thread::sleep(SETTLE_TIME);
    let before = switches(&server);
    thread::sleep(DURATION);
    let after = switches(&server);
    let rate = (after - before) as f64 / DURATION.as_secs_f64();
    println!("idle_wakeups_per_s: {rate:.2}");
}

/// Context switches of all threads.
fn switches(server: &ServerProcess) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{}/task", server.id())).unwrap();
    let of_task = |task: PathBuf| -> u64 {
        let file = task.join("status");
        let fields = ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"];
        fields.map(|field| status_field(&file, field)).iter().sum()
    };
    tasks.flatten().map(|task| of_task(task.path())).sum()
}
