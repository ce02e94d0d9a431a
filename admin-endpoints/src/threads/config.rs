//! Settings of the route.

use std::time::Duration;

/// Settings of `GET /threads`.
///
/// ```standalone_crate
/// use admin_endpoints::threads::ThreadsConfig;
/// use admin_runtime::AdminServer;
/// use std::time::Duration;
///
/// # admin_runtime::link!(admin_endpoints);
/// let config = ThreadsConfig::default()
///     .max_symbol_bytes(4 * 1024 * 1024)
///     .symbol_lifetime(Duration::from_secs(5));
/// let server = AdminServer::builder().config(config).build()?;
/// # Ok::<(), admin_runtime::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ThreadsConfig {
    pub(super) max_symbol_bytes: usize,
    pub(super) symbol_lifetime: Duration,
}

/// The limits of one dump that its requests choose.
#[derive(Clone, Copy, Debug)]
pub(super) struct DumpSettings {
    pub(super) max_frames: usize,
    pub(super) max_symbol_bytes: usize,
}

impl Default for ThreadsConfig {
    fn default() -> Self {
        Self {
            max_symbol_bytes: 16 * 1024 * 1024,
            symbol_lifetime: Duration::from_secs(60),
        }
    }
}

impl ThreadsConfig {
    /// How much memory function names, files and lines may take, in bytes; 16 MiB by default.
    ///
    /// A function that would need more is shown without file and line, and the dump says so.
    /// Memory for the dump itself is not included.
    pub fn max_symbol_bytes(mut self, bytes: usize) -> Self {
        self.max_symbol_bytes = bytes;
        self
    }

    /// How long symbols and unwind tables are kept after a dump; one minute by default.
    ///
    /// The next dump is faster while they are kept. Afterwards their memory is returned to the
    /// system; with glibc's allocator by `malloc_trim`.
    pub fn symbol_lifetime(mut self, lifetime: Duration) -> Self {
        self.symbol_lifetime = lifetime;
        self
    }
}
