//! `go tool pprof` names the function that holds the memory.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::Command;

use admin_runtime::AdminServer;

admin_runtime::link!(admin_endpoints);

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[unsafe(export_name = "malloc_conf")]
static MALLOC_CONF: &[u8] = b"prof:true,prof_active:true,lg_prof_sample:19\0";

#[inline(never)]
fn hold_memory() -> Vec<Vec<u8>> {
    (0..1024).map(|_| vec![1; 64 << 10]).collect()
}

#[test]
fn go_names_the_holder_of_memory() {
    let held = hold_memory();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    for path in ["heap", "allocs"] {
        let url = format!("http://{}/debug/pprof/{path}", server.local_addr());
        let output = Command::new("go")
            .args(["tool", "pprof", "-top", "-cum", "-unit=MB", &url])
            .env("PPROF_TMPDIR", std::env::temp_dir())
            .output()
            .expect("Go is installed; `./ci.sh features` installs it");
        let top = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(top.contains("Type: inuse_space"), "{top}");
        assert!(!top.contains("prof_backtrace_impl"), "{top}");
        assert!(top.contains("File: heap_profile"), "{top}");
        let line = top
            .lines()
            .find(|line| line.contains("hold_memory"))
            .unwrap();
        let megabytes = line.split_whitespace().nth(3).unwrap();
        let megabytes: f64 = megabytes.trim_end_matches("MB").parse().unwrap();
        // 64 MiB are 128 samples.
        assert!((48.0..90.0).contains(&megabytes), "{top}");
    }
    assert_eq!(held.len(), 1024);
}
