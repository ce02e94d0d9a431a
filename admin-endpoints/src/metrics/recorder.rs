//! The recorder of the `metrics` facade, as scrapes and resets use it.

use std::alloc::{Layout, handle_alloc_error};
use std::collections::{BTreeMap, TryReserveError};
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use admin_runtime::log_queue;
use admin_runtime::text::one_line;
use metrics_exporter_prometheus::Matcher;
use metrics_util::registry::Registry;

use super::catalog::{Catalog, CatalogSnapshot, Conflict};
use super::exposition::{Exposition, TextFamily};
use super::external::ExternalFamilies;
use super::idle::IdlePolicy;
use super::process::ProcessStats;
use super::registry_key::RegistryKey;
use super::reset::{ResetError, ResetReport, reset_all};
use super::scrape::{CHUNK_BYTES, Scrape};
use super::scrape_error::{ScrapeError, ScrapeFailure};
#[cfg(feature = "loglevel")]
use super::self_metrics::push_log_level_leases;
use super::self_metrics::{push_build_info, push_conflicts, push_nan_samples, push_rejected};
use super::source::Source;
use super::source_text::read_source;
use super::sweep::remove_idle;
use super::worker::Worker;
#[cfg(feature = "loglevel")]
use crate::loglevel::LogLevels;

/// The recorder of the `metrics` facade whose values `/metrics` shows and `/metrics/reset` resets.
///
/// It is cheap to clone; all clones share the same metrics.
///
/// ```
/// use admin_endpoints::metrics::Recorder;
///
/// let recorder = Recorder::builder().build()?;
/// metrics::with_local_recorder(&recorder, || {
///     metrics::counter!("hits", "tier" => "l1").increment(2);
/// });
/// assert!(recorder.render().contains("hits_total{tier=\"l1\"} 2\n"));
/// recorder.reset()?;
/// assert!(recorder.render().contains("hits_total{tier=\"l1\"} 0\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<SharedState>,
}

/// Settings from the builder.
pub(super) struct RecorderSettings {
    pub(super) catalog: Catalog,
    pub(super) idle: IdlePolicy,
    pub(super) clock: quanta::Clock,
    pub(super) series_limit: usize,
    pub(super) build_info: Vec<(String, String)>,
    pub(super) process: bool,
    pub(super) sources: Vec<Arc<dyn Source>>,
    pub(super) max_source_bytes: usize,
    pub(super) keep_on_reset: Vec<Matcher>,
}

struct SharedState {
    catalog: Arc<Catalog>,
    registry: Registry<RegistryKey, Arc<Catalog>>,
    idle: IdlePolicy,
    /// When idle series are removed next, in seconds since `created`.
    next_sweep: AtomicU32,
    clock: quanta::Clock,
    created: quanta::Instant,
    series_limit: usize,
    rejected: AtomicU64,
    build_info: Vec<(String, String)>,
    process: bool,
    sources: Vec<Arc<dyn Source>>,
    max_source_bytes: usize,
    keep_on_reset: Vec<Matcher>,
    worker: Worker,
}

impl fmt::Debug for SharedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedState").finish_non_exhaustive()
    }
}

/// The recorder that was installed; the facade has one per process.
static INSTALLED_RECORDER: OnceLock<Recorder> = OnceLock::new();

impl Recorder {
    /// The recorder that [`RecorderBuilder::install`](super::RecorderBuilder::install) installed in
    /// this process.
    ///
    /// ```standalone_crate
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// assert!(Recorder::installed().is_none());
    /// Recorder::builder().install()?;
    /// metrics::counter!("hits_total").increment(2);
    /// let recorder = Recorder::installed().ok_or("no recorder")?;
    /// assert!(recorder.render().contains("hits_total 2\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn installed() -> Option<&'static Self> {
        INSTALLED_RECORDER.get()
    }

    pub(super) fn set_installed(&self) -> bool {
        INSTALLED_RECORDER.set(self.clone()).is_ok()
    }

    pub(super) fn from_settings(settings: RecorderSettings) -> Self {
        let catalog = Arc::new(settings.catalog);
        Self {
            shared: Arc::new(SharedState {
                registry: Registry::new(Arc::clone(&catalog)),
                catalog,
                idle: settings.idle,
                next_sweep: AtomicU32::new(0),
                created: settings.clock.now(),
                clock: settings.clock,
                series_limit: settings.series_limit,
                rejected: AtomicU64::new(0),
                build_info: settings.build_info,
                process: settings.process,
                sources: settings.sources,
                max_source_bytes: settings.max_source_bytes,
                keep_on_reset: settings.keep_on_reset,
                worker: Worker::default(),
            }),
        }
    }

    /// The complete exposition as one text. For large ones use [`scrape`](Self::scrape). A source
    /// that cannot be read is left out, with a warning in the log.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = Vec::new();
        let scrape = self.start_scrape(|failure| {
            let error = one_line(ScrapeError::from(failure));
            log_queue::emit(move || tracing::warn!(error, "metrics source is left out"));
            Ok(())
        });
        for chunk in scrape.unwrap_or_else(Scrape::failed) {
            match chunk {
                Ok(chunk) => text.extend_from_slice(&chunk),
                // Like every `String` that cannot grow.
                Err(_) => handle_alloc_error(Layout::new::<[u8; CHUNK_BYTES]>()),
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Starts a scrape: reads the sources and returns an iterator over chunks of the text.
    ///
    /// Blocks until the sources have replied; without sources it takes a fraction of a millisecond.
    /// Recording is not blocked. Memory does not depend on the number of series: the recorder's own
    /// are written chunk by chunk, and the text of a source is bounded. The only item of a scrape is
    /// an error if a source cannot be read.
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().build()?;
    /// # let mut file = Vec::new();
    /// for chunk in recorder.scrape() {
    ///     file.write_all(&chunk?)?;
    /// }
    /// # assert!(!file.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn scrape(&self) -> Scrape {
        self.start_scrape(Err).unwrap_or_else(Scrape::failed)
    }

    /// Starts a scrape, unless `source_failed` returns the failure of a source.
    fn start_scrape(
        &self,
        mut source_failed: impl FnMut(ScrapeFailure) -> Result<(), ScrapeFailure>,
    ) -> Result<Scrape, ScrapeError> {
        let shared = &*self.shared;
        let now = shared.age();
        if shared.idle.start_sweep(&shared.next_sweep, now) {
            let is_complete = remove_idle(&shared.registry, &shared.catalog, &shared.idle, now);
            if !is_complete {
                shared.next_sweep.store(now, Ordering::Relaxed);
            }
        }
        let own = shared.catalog.snapshot();
        let mut external = ExternalFamilies::new(&own);
        for source in &shared.sources {
            let exposition = match read_source(&**source, shared.max_source_bytes) {
                Ok(exposition) => exposition,
                Err(failure) => {
                    source_failed(failure)?;
                    continue;
                }
            };
            let invalid_lines = external.add(exposition)?;
            if invalid_lines > 0 {
                let source = one_line(source.name());
                log_queue::emit(move || {
                    tracing::warn!(
                        source,
                        invalid_lines,
                        "metrics source returned invalid lines; they are left out"
                    );
                });
            }
        }
        external.add(Exposition::parse(&shared.self_metrics(&own))?)?;
        let (mut families, mut conflicts) = external.finish();
        conflicts.extend(shared.catalog.conflicts());
        conflicts.sort();
        families.extend(conflict_families(&own, &conflicts)?);
        Ok(Scrape::new(&own, families, shared.idle, now))
    }

    /// Sets every counter and gauge to 0 and empties every histogram and summary, in place: handles
    /// remain valid.
    ///
    /// Each series is exact: a record is counted either before its reset or after it. A gauge that
    /// is incremented before and decremented after a reset is -1, and `counter.absolute(v)` restores
    /// its value. Names that `keep_on_reset` matches are not reset.
    ///
    /// # Errors
    ///
    /// If a source cannot be reset, nothing is reset. If a thread is suspended while recording into
    /// a histogram, everything else is reset and the error names the histogram.
    pub fn reset(&self) -> Result<ResetReport, ResetError> {
        self.reset_with(|_, _| {})
    }

    /// Like [`reset`](Self::reset), and passes the name and the previous value of each series to
    /// `observe`: the value of a counter or gauge, the number of samples of a histogram or summary.
    /// Totals of several resets are exact, as a push to another system needs them.
    ///
    /// # Errors
    ///
    /// As for [`reset`](Self::reset).
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// let recorder = Recorder::builder().build()?;
    /// metrics::with_local_recorder(&recorder, || metrics::counter!("hits").increment(3));
    /// let mut deltas = Vec::new();
    /// recorder.reset_with(|name, value| deltas.push((name.to_owned(), value)))?;
    /// assert_eq!(deltas, [("hits_total".to_owned(), 3.0)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset_with(&self, observe: impl FnMut(&str, f64)) -> Result<ResetReport, ResetError> {
        let shared = &*self.shared;
        if let Some(source) = shared.sources.iter().find(|source| !source.can_reset()) {
            return Err(ResetError::UnsupportedBySource {
                name: source.name().to_owned(),
            });
        }
        let keep = |name: &str| shared.keep_on_reset.iter().any(|m| m.matches(name));
        let report = reset_all(&shared.catalog.snapshot(), keep, observe);
        shared.rejected.store(0, Ordering::Relaxed);
        for source in &shared.sources {
            source.reset();
        }
        report
    }

    /// The thread for scrapes and resets.
    pub(super) fn worker(&self) -> &Worker {
        &self.shared.worker
    }

    pub(super) fn catalog(&self) -> &Catalog {
        &self.shared.catalog
    }

    pub(super) fn registry(&self) -> &Registry<RegistryKey, Arc<Catalog>> {
        &self.shared.registry
    }

    /// Whether the series limit is reached. Threads that register at the same time may exceed it by
    /// one series each.
    pub(super) fn is_full(&self) -> bool {
        self.shared.catalog.keys() >= self.shared.series_limit
    }

    /// Counts a key that was not registered.
    #[cold]
    pub(super) fn reject_series(&self) {
        if self.shared.rejected.fetch_add(1, Ordering::Relaxed) == 0 {
            let limit = self.shared.series_limit;
            log_queue::emit(move || {
                tracing::warn!(
                    limit,
                    "metric series limit reached; new series are not recorded"
                );
            });
        }
    }
}

impl SharedState {
    /// Seconds since the recorder was created.
    fn age(&self) -> u32 {
        let age = self.clock.now().saturating_duration_since(self.created);
        u32::try_from(age.as_secs()).unwrap_or(u32::MAX)
    }

    /// The metrics about the process, the build and the recorder.
    fn self_metrics(&self, own: &CatalogSnapshot) -> String {
        let mut text = String::new();
        if self.process {
            text.push_str(&ProcessStats::read().exposition());
        }
        push_build_info(&mut text, &self.build_info);
        push_rejected(&mut text, self.rejected.load(Ordering::Relaxed));
        #[cfg(feature = "loglevel")]
        if let Some(levels) = LogLevels::installed() {
            push_log_level_leases(&mut text, levels.leases());
        }
        let nan_samples: Vec<_> = own
            .families()
            .filter_map(|(header, family)| {
                let count = family.nan_samples.count()?;
                Some((header.name.clone(), count))
            })
            .collect();
        push_nan_samples(&mut text, &nan_samples);
        text
    }
}

/// The family that reports conflicts, including those of sources.
fn conflict_families(
    own: &CatalogSnapshot,
    conflicts: &[Conflict],
) -> Result<BTreeMap<String, TextFamily>, TryReserveError> {
    let mut text = String::new();
    push_conflicts(&mut text, conflicts);
    let mut families = ExternalFamilies::new(own);
    families.add(Exposition::parse(&text)?)?;
    Ok(families.finish().0)
}
