//! A profile of the heap: `go tool pprof -http=: http://127.0.0.1:7000/debug/pprof/heap`.
//!
//! `cargo run --example heap_profile --features heap-profile`

use std::error::Error;

use admin_runtime::AdminServer;

admin_runtime::link!(admin_endpoints);

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// jemalloc takes a sample every 512 KiB.
#[unsafe(export_name = "malloc_conf")]
static MALLOC_CONF: &[u8] = b"prof:true,prof_active:true,lg_prof_sample:19\0";

#[inline(never)]
fn fill_a_cache() -> Vec<Vec<u8>> {
    (0..1024).map(|_| vec![1; 64 << 10]).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let cache = fill_a_cache();
    let admin = AdminServer::builder().bind("127.0.0.1:7000").start()?;
    println!(
        "{} blocks; go tool pprof -top http://{}/debug/pprof/heap",
        cache.len(),
        admin.local_addr()
    );
    loop {
        std::thread::park(); // your program
    }
}
