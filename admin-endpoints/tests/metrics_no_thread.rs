//! `/metrics` and `/metrics/reset` when no thread can be started, in a process of its own.
#![cfg(all(feature = "metrics", target_os = "linux"))]

use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::AdminServer;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Address space that remains: enough for a request, too little for the stack of a thread.
const REMAINING_BYTES: u64 = 1024 * 1024;

fn address_space_bytes() -> u64 {
    let process = procfs::process::Process::myself().expect("/proc is mounted");
    let memory = process.statm().expect("/proc is readable");
    memory.size * procfs::page_size()
}

#[test]
fn missing_thread_is_a_503_with_the_reason() {
    let recorder = Recorder::builder().build().expect("the defaults are valid");
    metrics::with_local_recorder(&recorder, || metrics::counter!("hits").increment(3));
    let config = MetricsConfig::new(recorder);
    let server = AdminServer::builder().config(config).build();
    let client = server.expect("the routes do not collide").test_client();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");

    let initial = getrlimit(Resource::As);
    let limit = Rlimit {
        current: Some(address_space_bytes() + REMAINING_BYTES),
        maximum: initial.maximum,
    };
    setrlimit(Resource::As, limit).expect("a limit can be lowered");
    let replies = runtime.block_on(async {
        let scrape = client.get("/metrics").await;
        [scrape, client.post("/metrics/reset").await]
    });
    setrlimit(Resource::As, initial).expect("the limit can be restored");
    for reply in replies {
        assert_eq!(reply.status().as_u16(), 503);
        let reason = "The thread for metrics could not be started: ";
        assert!(reply.text().starts_with(reason), "{}", reply.text());
    }

    let reply = runtime.block_on(client.get("/metrics").into_future());
    assert_eq!(reply.status().as_u16(), 200);
    assert!(reply.text().contains("\nhits_total 3\n"));
}
