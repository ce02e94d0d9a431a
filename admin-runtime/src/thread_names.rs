//! Full names of threads, by kernel thread ID.
//!
//! The kernel stores 15 bytes of a thread's name. If a thread was named only through
//! [`std::thread::Builder`] or tokio, `GET /threads` shows these 15 bytes. This table stores full
//! names: of the server's own threads, of threads started with [`spawn_named`], and of threads of a
//! tokio runtime with [`on_thread_start`]. A thread that another library starts can register its own
//! name with [`register_until_exit`]. `GET /threads` shows the full name, and its
//! parameter `name` searches it.
//!
//! ```
//! use admin_runtime::thread_names;
//!
//! let builder = std::thread::Builder::new().stack_size(256 * 1024);
//! let worker = thread_names::spawn_named(builder, "replication to eu-central-1", || {
//!     thread_names::lookup(thread_names::current_tid()?)
//! })?;
//! let seen = worker.join().expect("the worker does not panic");
//! assert_eq!(seen.as_deref(), Some("replication to eu-central-1"));
//! # Ok::<(), std::io::Error>(())
//! ```

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

type Names = HashMap<u64, Arc<str>>;

static NAMES: LazyLock<RwLock<Names>> = LazyLock::new(RwLock::default);

thread_local! {
    /// Dropped when the thread exits, which removes the entry.
    static EXIT_GUARD: RefCell<Option<ThreadNameGuard>> = const { RefCell::new(None) };
}

/// A name in the table. Dropping it removes the name, or restores the one that it replaced.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, lookup, register_current};
///
/// let worker = register_current("compaction worker");
/// let job = register_current("compaction of shard 17");
/// assert_eq!(current_tid().and_then(lookup).as_deref(), Some("compaction of shard 17"));
/// drop(job);
/// assert_eq!(current_tid().and_then(lookup).as_deref(), Some("compaction worker"));
/// # drop(worker);
/// ```
#[derive(Debug)]
#[must_use = "the name leaves the table when this is dropped"]
pub struct ThreadNameGuard {
    tid: Option<u64>,
    name: Arc<str>,
    before: Option<Arc<str>>,
}

impl Drop for ThreadNameGuard {
    fn drop(&mut self) {
        let Some(tid) = self.tid else { return };
        let mut names = NAMES.write().unwrap_or_else(PoisonError::into_inner);
        // A guard that outlived its thread must not remove a newer entry.
        if names
            .get(&tid)
            .is_some_and(|name| Arc::ptr_eq(name, &self.name))
        {
            match self.before.take() {
                Some(before) => names.insert(tid, before),
                None => names.remove(&tid),
            };
        }
    }
}

/// Names the calling thread until the guard is dropped.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, lookup, register_current};
///
/// let named = register_current("import of 2025-01-01.parquet");
/// assert_eq!(current_tid().and_then(lookup).as_deref(), Some("import of 2025-01-01.parquet"));
/// # drop(named);
/// ```
pub fn register_current(full_name: impl Into<Arc<str>>) -> ThreadNameGuard {
    let name: Arc<str> = full_name.into();
    let tid = current_tid();
    let before = tid.and_then(|tid| {
        NAMES
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tid, Arc::clone(&name))
    });
    ThreadNameGuard { tid, name, before }
}

/// Names the calling thread until it exits; a second call renames it. For threads that another
/// library starts.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, lookup, register_until_exit};
///
/// let callback = std::thread::Builder::new().spawn(|| {
///     register_until_exit("completion callback of the driver");
///     current_tid()
/// })?;
/// let tid = callback.join().expect("the callback does not panic");
/// assert_eq!(tid.and_then(lookup), None, "the name is removed with the thread");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn register_until_exit(full_name: impl Into<Arc<str>>) {
    let full_name = full_name.into();
    // While the thread's locals are being destroyed, the name could not be removed later.
    let _ = EXIT_GUARD.try_with(|slot| {
        let mut slot = slot.borrow_mut();
        drop(slot.take());
        *slot = Some(register_current(full_name));
    });
}

/// Starts a thread under its full name, with the stack size that `builder` was given.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, lookup, spawn_named};
/// use std::thread::Builder;
///
/// let name = "replication to eu-central-1";
/// let worker = spawn_named(Builder::new(), name, || current_tid().and_then(lookup))?;
/// assert_eq!(worker.join().expect("no panic").as_deref(), Some(name));
///
/// let refused = spawn_named(Builder::new(), "a\0b", || ()).err().map(|error| error.to_string());
/// assert_eq!(refused.as_deref(), Some(r#"thread name "a\0b" contains a NUL byte"#));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// As [`Builder::spawn`]; a name with a NUL byte is [`io::ErrorKind::InvalidInput`].
pub fn spawn_named<F, T>(
    builder: Builder,
    full_name: impl Into<Arc<str>>,
    body: F,
) -> io::Result<JoinHandle<T>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let name: Arc<str> = full_name.into();
    if name.contains('\0') {
        let message = format!("thread name {name:?} contains a NUL byte");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    builder.name(name.to_string()).spawn(move || {
        register_until_exit(name);
        body()
    })
}

/// A hook for [`tokio::runtime::Builder::on_thread_start`]: the threads become `prefix-0`,
/// `prefix-1` and so on, in the order in which they start.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, lookup, on_thread_start};
///
/// let runtime = tokio::runtime::Builder::new_multi_thread()
///     .worker_threads(1)
///     .on_thread_start(on_thread_start("ingest-worker"))
///     .build()?;
/// let task = runtime.spawn(async { current_tid().and_then(lookup) });
/// assert_eq!(runtime.block_on(task)?.as_deref(), Some("ingest-worker-0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn on_thread_start(prefix: impl Into<String>) -> impl Fn() + Clone + Send + Sync + 'static {
    let prefix = prefix.into();
    let next = Arc::new(AtomicU64::new(0));
    move || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        register_until_exit(format!("{prefix}-{number}"));
    }
}

/// The full name of a thread, if it has registered one.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, lookup, register_current};
///
/// let name = || current_tid().and_then(lookup);
/// assert_eq!(name(), None);
/// let _named = register_current("nightly export");
/// assert_eq!(name().as_deref(), Some("nightly export"));
/// ```
#[must_use]
pub fn lookup(tid: u64) -> Option<Arc<str>> {
    NAMES
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&tid)
        .cloned()
}

/// Every registered thread and its full name, in no particular order.
///
/// Empty if the table is locked for ten milliseconds: in a forked child the lock may be held by a
/// thread that does not exist there.
///
/// ```
/// use admin_runtime::thread_names::{current_tid, register_current, snapshot};
///
/// let _named = register_current("nightly export");
/// let names = snapshot();
/// let own = current_tid().and_then(|tid| names.get(&tid));
/// assert_eq!(own.map(|name| &**name), Some("nightly export"));
/// ```
#[must_use]
pub fn snapshot() -> HashMap<u64, Arc<str>> {
    for _ in 0..10 {
        match NAMES.try_read() {
            Ok(names) => return names.clone(),
            Err(std::sync::TryLockError::Poisoned(names)) => return names.into_inner().clone(),
            Err(std::sync::TryLockError::WouldBlock) => {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
    Names::new()
}

/// The kernel thread ID of the calling thread; `None` without a mounted `/proc`.
///
/// ```
/// use admin_runtime::thread_names::current_tid;
///
/// let own = current_tid();
/// let other = std::thread::Builder::new().spawn(current_tid)?;
/// assert_ne!(own, other.join().expect("no panic"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn current_tid() -> Option<u64> {
    let link = std::fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn my_name() -> Option<Arc<str>> {
        lookup(current_tid()?)
    }

    #[test]
    fn a_guard_names_its_thread_and_restores() {
        let outer = register_current("outer");
        assert_eq!(my_name().as_deref(), Some("outer"));
        let inner = register_current("inner");
        assert_eq!(my_name().as_deref(), Some("inner"));
        drop(inner);
        assert_eq!(my_name().as_deref(), Some("outer"));
        drop(outer);
        assert_eq!(my_name(), None);
    }

    #[test]
    fn a_long_name_ends_with_its_thread() -> io::Result<()> {
        let long = "a name of far more than fifteen bytes";
        let thread = spawn_named(Builder::new(), long, || (current_tid(), my_name()))?;
        let (tid, seen) = thread.join().expect("the body does not panic");
        assert_eq!(seen.as_deref(), Some(long));
        assert_eq!(tid.and_then(lookup), None, "the entry outlived its thread");
        assert!(!snapshot().values().any(|name| &**name == long));
        Ok(())
    }

    #[test]
    fn a_nul_in_a_name_is_an_error() {
        let error = spawn_named(Builder::new(), "a\0b", || ()).expect_err("NUL was accepted");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_hook_numbers_its_threads() -> io::Result<()> {
        let hook = on_thread_start("pool");
        let mut names = Vec::new();
        for _ in 0..2 {
            let hook = hook.clone();
            let thread = Builder::new().spawn(move || {
                hook();
                my_name()
            })?;
            names.push(thread.join().expect("the hook does not panic"));
        }
        assert_eq!(names[0].as_deref(), Some("pool-0"));
        assert_eq!(names[1].as_deref(), Some("pool-1"));
        Ok(())
    }
}
