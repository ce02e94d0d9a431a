//! What requests have used is given back to the system, also in a program that has raised the
//! thresholds of glibc's heap.

use std::time::Duration;

use admin_endpoints::script::{ScriptConfig, ScriptLimits};
use admin_endpoints::threads::ThreadsConfig;
use admin_runtime::{AdminServer, RunningServer};
use admin_tests::{Case, poll_until};

use crate::load::Load;

/// As much as may stay.
const MARGIN_KIB: usize = 4096;

/// How long scripts and dumps keep what the next one needs.
const LIFETIME: Duration = Duration::from_millis(300);

/// What the program has done to its heap before.
#[derive(Clone, Copy, Debug)]
enum Heap {
    Default,
    /// The thresholds are those of the largest block that was ever freed.
    FreedLargeBlock,
    /// They are set by the environment.
    Environment,
}

const HEAPS: [Heap; 3] = [Heap::Default, Heap::FreedLargeBlock, Heap::Environment];

/// The heap belongs to the process, and each case changes it.
pub(crate) fn cases() -> Vec<Case> {
    let all = Load::ALL.into_iter();
    all.flat_map(|load| HEAPS.map(|heap| case(load, heap)))
        .collect()
}

fn case(load: Load, heap: Heap) -> Case {
    let case = Case::new(&name(load, heap), move || memory_is_returned(load, heap));
    match heap {
        Heap::Environment => case
            .with_variable("MALLOC_TRIM_THRESHOLD_", "1073741824")
            .with_variable("MALLOC_MMAP_THRESHOLD_", "1073741824"),
        Heap::Default | Heap::FreedLargeBlock => case,
    }
}

fn name(load: Load, heap: Heap) -> String {
    format!("{load:?}_{heap:?}")
}

fn memory_is_returned(load: Load, heap: Heap) {
    if let Heap::FreedLargeBlock = heap {
        drop(std::hint::black_box(vec![1_u8; 30 << 20]));
    }
    let server = server();
    load.prepare(&server);
    // SAFETY: it affects free memory only, which must not count as memory of the program.
    unsafe { libc::malloc_trim(0) };
    let before = anonymous_kib();
    load.send(&server);
    let during = anonymous_kib();
    let name = name(load, heap);
    println!("{name}: {before} KiB before, {during} KiB after the last reply");
    let after = poll_until(&name, || {
        let after = anonymous_kib();
        (after <= before + MARGIN_KIB).then_some(after)
    });
    println!("{name}: {after} KiB at the end");
}

fn server() -> RunningServer {
    let limits = ScriptLimits::default()
        .with_max_concurrent_scripts(8)
        .with_max_wall_time(Duration::from_secs(60))
        .with_max_cpu_time(Duration::from_secs(60));
    let builder = AdminServer::builder()
        .config(ThreadsConfig::default().symbol_lifetime(LIFETIME))
        .config(ScriptConfig::default().keep_warm(LIFETIME).limits(limits));
    builder.bind("127.0.0.1:0").start().unwrap()
}

/// Anonymous memory of this process that is resident.
fn anonymous_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.unwrap().parse().unwrap()
}
