//! Memory that a scrape allocates, and its behaviour without memory, with an allocator that
//! measures and fails.
#![cfg(feature = "metrics")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use admin_endpoints::metrics::{MetricsConfig, Recorder};
use admin_runtime::AdminServer;
use metrics::{Key, Label, Level, Metadata, Recorder as _};

const METADATA: Metadata<'static> = Metadata::new("allocation", Level::INFO, None);

/// Size from which allocations fail in the tests without memory: smaller than a chunk, larger than
/// what the server needs otherwise.
const LARGE_BYTES: usize = 64 * 1024;

struct TestAllocator;

static ALLOCATED_BYTES: AtomicI64 = AtomicI64::new(0);
static PEAK_BYTES: AtomicI64 = AtomicI64::new(0);
/// Allocations of this size and above fail.
static FAILING_SIZE: AtomicUsize = AtomicUsize::new(usize::MAX);

// SAFETY: every call is passed to the system allocator unchanged, or returns null, which `alloc` may
// at any time.
unsafe impl GlobalAlloc for TestAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= FAILING_SIZE.load(Ordering::Relaxed) {
            return ptr::null_mut();
        }
        let size = layout.size() as i64;
        let allocated = ALLOCATED_BYTES.fetch_add(size, Ordering::Relaxed) + size;
        PEAK_BYTES.fetch_max(allocated, Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        ALLOCATED_BYTES.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `dealloc`; `alloc` uses the same allocator.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: TestAllocator = TestAllocator;

/// The allocator is shared, so tests run one at a time.
fn exclusive() -> MutexGuard<'static, ()> {
    static RUNNING: Mutex<()> = Mutex::new(());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` while large allocations fail.
fn without_memory<T>(work: impl FnOnce() -> T) -> T {
    FAILING_SIZE.store(LARGE_BYTES, Ordering::Relaxed);
    let result = work();
    FAILING_SIZE.store(usize::MAX, Ordering::Relaxed);
    result
}

fn recorder(series: usize) -> Recorder {
    let builder = Recorder::builder().process_metrics(false);
    let recorder = builder.build().expect("the defaults are valid");
    for i in 0..series {
        // In an order that splits blocks everywhere.
        let label = Label::new("i", format!("{:06}", i * 7919 % series));
        let key = Key::from_parts("requests", vec![label]);
        recorder.register_counter(&key, &METADATA).increment(1);
    }
    recorder
}

fn read_metrics(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("the server reads");
    let (mut buffer, mut total) = ([0; 16 * 1024], 0);
    loop {
        match stream.read(&mut buffer).expect("the server replies") {
            0 => return total,
            length => total += length,
        }
    }
}

/// The first scrape includes the work for series that were registered since the last one.
#[test]
fn first_scrape_of_many_series_allocates_little() {
    const SERIES: usize = 200_000;
    let _exclusive = exclusive();
    let config = MetricsConfig::new(recorder(SERIES));
    let builder = AdminServer::builder().config(config).bind("127.0.0.1:0");
    let server = builder.start().expect("a port is free");
    let before = ALLOCATED_BYTES.load(Ordering::Relaxed);
    PEAK_BYTES.store(before, Ordering::Relaxed);
    assert!(read_metrics(server.local_addr()) > 28 * SERIES);
    let extra = PEAK_BYTES.load(Ordering::Relaxed) - before;
    assert!(extra < 1024 * 1024, "{extra} bytes");
}

#[test]
fn scrape_ends_with_an_error_without_memory() {
    let _exclusive = exclusive();
    let recorder = recorder(20_000);
    let mut scrape = recorder.scrape();
    assert!(scrape.next().is_some_and(|chunk| chunk.is_ok()));
    let failed = without_memory(|| scrape.next()).and_then(Result::err);
    let error = failed.expect("a chunk needs a large allocation");
    assert_eq!(error.to_string(), "Not enough memory to write the metrics");
    assert_eq!(scrape.next(), None);
}

#[test]
fn metrics_reply_503_without_memory() {
    let _exclusive = exclusive();
    let config = MetricsConfig::new(recorder(1_000));
    let server = AdminServer::builder().config(config).build();
    let client = server.expect("the routes do not collide").test_client();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for encoding in ["identity", "gzip"] {
        let get = || {
            let request = client.get("/metrics").header("accept-encoding", encoding);
            runtime.block_on(request.into_future())
        };
        assert_eq!(get().status().as_u16(), 200);
        let reply = without_memory(get);
        assert_eq!(reply.status().as_u16(), 503);
        assert_eq!(reply.text(), "Not enough memory to write the metrics");
        assert_eq!(get().status().as_u16(), 200);
    }
}
