//! What a thousand async checks cost: memory as the allocator counts it, and no thread.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use admin_runtime::__private::{
    Box, CheckSettings, HealthCheckDescriptor, PeriodicBody, SourceLocation, submit,
};
use admin_runtime::health::CheckKind;
use admin_runtime::{AdminServer, RunSummary};

/// Counts what is allocated at this moment.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is forwarded unchanged to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller upholds the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static RUNS: AtomicUsize = AtomicUsize::new(0);

/// Registers as the attribute does, which needs a name for each function.
macro_rules! check {
    ($name:expr) => {
        submit! {
            HealthCheckDescriptor {
                name: $name,
                docs: "",
                settings: CheckSettings::DEFAULT,
                required_state: &[],
                source: SourceLocation::new("memory", "memory", "check"),
                body: PeriodicBody::Async(|_| Ok(Box::pin(async {
                    RUNS.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok(RunSummary::default())
                }))),
            }
        }
    };
}

macro_rules! ten {
    ($next:ident $($prefix:tt)*) => {
        $next!($($prefix)* 0); $next!($($prefix)* 1); $next!($($prefix)* 2);
        $next!($($prefix)* 3); $next!($($prefix)* 4); $next!($($prefix)* 5);
        $next!($($prefix)* 6); $next!($($prefix)* 7); $next!($($prefix)* 8);
        $next!($($prefix)* 9);
    };
}

macro_rules! hundreds {
    ($a:tt) => { ten!(tens $a); };
}

macro_rules! tens {
    ($a:tt $b:tt) => { ten!(one $a $b); };
}

macro_rules! one {
    ($a:tt $b:tt $c:tt) => {
        check!(concat!("check-", $a, $b, $c));
    };
}

ten!(hundreds);

/// The names of all threads of the process.
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.map(|name| name.trim_end().to_owned()).collect()
}

#[test]
fn thousand_async_checks_are_cheap() {
    let server = AdminServer::builder().bind("127.0.0.1:0");
    let before = ALLOCATED.load(Ordering::Relaxed);
    let server = server.start().unwrap();
    let checks = server.health_checks();
    assert!(checks.wait_until_healthy(CheckKind::Ready, Duration::from_secs(60)));
    assert_eq!(checks.reports(CheckKind::Ready).len(), 1_002);
    assert!(RUNS.load(Ordering::Relaxed) >= 1_000);
    // With all that the server itself needs.
    let allocated = ALLOCATED.load(Ordering::Relaxed) - before;
    assert!(allocated < 3_000_000, "{allocated} bytes");
    let threads = threads();
    let own = threads
        .iter()
        .filter(|name| name.starts_with("health-check"));
    assert_eq!(own.count(), 0, "{threads:?}");
}
