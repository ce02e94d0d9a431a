//! A source with more text than there is memory, in a process of its own.
#![cfg(all(feature = "metrics", target_os = "linux"))]

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use admin_endpoints::metrics::{MetricsConfig, Recorder, Source};
use admin_runtime::AdminServer;

/// Memory that is left for the scrape.
const FREE_BYTES: u64 = 8 * 1024 * 1024;

/// So many lines, one at a time.
struct Lines(Arc<AtomicUsize>);

impl Source for Lines {
    fn name(&self) -> &str {
        "lines"
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for line in 0..self.0.load(Ordering::Relaxed) {
            writeln!(out, "blocks{{number=\"{line}\"}} 1")?;
        }
        Ok(())
    }
}

fn limit_memory() {
    let process = procfs::process::Process::myself().expect("/proc is mounted");
    let data = process.status().expect("/proc is readable").vmdata;
    let limit = data.expect("a size in kB") * 1024 + FREE_BYTES;
    let limit = libc::rlimit {
        rlim_cur: limit,
        rlim_max: limit,
    };
    // SAFETY: changes a limit of this process, which has no other test.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_DATA, &limit) }, 0);
}

#[test]
fn source_without_memory_is_a_503() {
    let lines = Arc::new(AtomicUsize::new(10));
    let recorder = Recorder::builder().source(Lines(Arc::clone(&lines)));
    let recorder = recorder.build().expect("the defaults are valid");
    let server = AdminServer::builder().config(MetricsConfig::new(recorder));
    let client = server.build().expect("the routes are valid").test_client();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be built");
    let get = || runtime.block_on(async { client.get("/metrics").await });
    assert_eq!(get().status(), 200);
    limit_memory();
    lines.store(400_000, Ordering::Relaxed);
    let reply = get();
    assert_eq!(reply.status(), 503, "{}", reply.text());
    assert_eq!(reply.text(), "Not enough memory to write the metrics");
    lines.store(20, Ordering::Relaxed);
    let reply = get();
    assert_eq!(reply.status(), 200);
    assert!(reply.text().contains("blocks{number=\"19\"} 1\n"));
}
