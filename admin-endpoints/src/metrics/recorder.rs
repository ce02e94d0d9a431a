//! The recorder: what the `metrics` facade writes to, and what scrapes and resets read.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use metrics::Key;
use metrics_exporter_prometheus::Matcher;
use metrics_util::registry::Registry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::builder::RecorderBuilder;
use super::catalog::Catalog;
use super::histogram::Patience;
use super::idle::IdlePolicy;
use super::observed::Observed;
use super::own;
use super::process::ProcessStats;
use super::reset::{ResetError, ResetReport};
use super::scrape::Scrape;
use super::source::Source;

/// The recorder of the `metrics` facade whose values `/metrics` shows and `/metrics/reset` zeroes.
///
/// It is cheap to clone; all clones are one recorder.
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
    inner: Arc<Inner>,
}

/// What the builder hands over.
pub(crate) struct Parts {
    pub(crate) catalog: Catalog,
    pub(crate) idle: IdlePolicy,
    pub(crate) clock: quanta::Clock,
    pub(crate) series_limit: usize,
    pub(crate) build_info: Vec<(String, String)>,
    pub(crate) process: bool,
    pub(crate) sources: Vec<Arc<dyn Source>>,
    pub(crate) keep_on_reset: Vec<Matcher>,
}

struct Inner {
    catalog: Arc<Catalog>,
    registry: Registry<Key, Arc<Catalog>>,
    idle: IdlePolicy,
    /// When idle series are next looked for, in seconds after the start.
    next_sweep: AtomicU32,
    clock: quanta::Clock,
    started: quanta::Instant,
    series_limit: usize,
    refused: AtomicU64,
    build_info: Vec<(String, String)>,
    process: bool,
    sources: Vec<Arc<dyn Source>>,
    keep_on_reset: Vec<Matcher>,
    /// Requests that may begin a scrape or reset at a time; the others wait without a thread.
    turns: Arc<Semaphore>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

/// Requests of one recorder that have a thread at a time.
const TURNS: usize = 4;

/// There is one recorder for the process, as the facade has it.
static INSTALLED: OnceLock<Recorder> = OnceLock::new();

impl Recorder {
    /// Starts a recorder with its defaults.
    pub fn builder() -> RecorderBuilder {
        RecorderBuilder::default()
    }

    /// The recorder that [`RecorderBuilder::install`] put into this process.
    ///
    /// ```standalone_crate
    /// use admin_endpoints::metrics::Recorder;
    ///
    /// assert!(Recorder::installed().is_none());
    /// Recorder::builder().install()?;
    /// metrics::counter!("hits_total").increment(2);
    /// let recorder = Recorder::installed().ok_or("none is installed")?;
    /// assert!(recorder.render().contains("hits_total 2\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn installed() -> Option<&'static Self> {
        INSTALLED.get()
    }

    pub(crate) fn set_installed(&self) -> bool {
        INSTALLED.set(self.clone()).is_ok()
    }

    pub(crate) fn from_parts(parts: Parts) -> Self {
        let catalog = Arc::new(parts.catalog);
        Self {
            inner: Arc::new(Inner {
                registry: Registry::new(catalog.clone()),
                catalog,
                idle: parts.idle,
                next_sweep: AtomicU32::new(0),
                started: parts.clock.now(),
                clock: parts.clock,
                series_limit: parts.series_limit,
                refused: AtomicU64::new(0),
                build_info: parts.build_info,
                process: parts.process,
                sources: parts.sources,
                keep_on_reset: parts.keep_on_reset,
                turns: Arc::new(Semaphore::new(TURNS)),
            }),
        }
    }

    /// The whole exposition as one text. For large ones take [`scrape`](Self::scrape).
    pub fn render(&self) -> String {
        let chunks: Vec<_> = self.scrape().collect();
        String::from_utf8_lossy(&chunks.concat()).into_owned()
    }

    /// Begins a scrape: lists the series that are new since the last one, asks the sources, and
    /// returns the chunks of the text.
    ///
    /// Blocks for as long as the sources take, and for some 200 ns per series of a family that has
    /// new ones. Without new series and sources it takes a fraction of a millisecond. Recording is
    /// never blocked.
    ///
    /// ```
    /// use admin_endpoints::metrics::Recorder;
    /// use std::io::Write;
    ///
    /// let recorder = Recorder::builder().build()?;
    /// # let mut file = Vec::new();
    /// for chunk in recorder.scrape() {
    ///     file.write_all(&chunk)?;
    /// }
    /// # assert!(!file.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scrape(&self) -> Scrape {
        let inner = &*self.inner;
        let now = inner.now();
        if inner.idle.sweep_is_due(&inner.next_sweep, now) {
            super::sweep::retire_idle(&inner.registry, &inner.catalog, &inner.idle, now);
        }
        let listing = inner.catalog.merged_listing();
        let mut observed = Observed::new(&inner.catalog, &listing);
        for source in &inner.sources {
            let unreadable = observed.add(&source.render());
            if unreadable > 0 {
                tracing::warn!(
                    source = source.name(),
                    unreadable,
                    "left out lines of a metrics source"
                );
            }
        }
        let mut text = String::new();
        if inner.process {
            text.push_str(&ProcessStats::read().exposition());
        }
        own::push_build_info(&mut text, &inner.build_info);
        own::push_refused(&mut text, inner.refused.load(Ordering::Relaxed));
        observed.add(&text);
        // The recorder's own and the sources' conflicts are one family, told last.
        let mut last = Observed::new(&inner.catalog, &listing);
        let (mut families, mut conflicts) = observed.finish();
        conflicts.extend(inner.catalog.conflicts());
        conflicts.sort();
        text.clear();
        own::push_conflicts(&mut text, &conflicts);
        last.add(&text);
        families.extend(last.finish().0);
        Scrape::new(listing, families, inner.idle, now)
    }

    /// Puts every counter and gauge back to 0 and empties every histogram and summary, in place:
    /// handles stay alive and whatever is recorded afterwards counts.
    ///
    /// Each series is exact: a record counts either before its reset or after it, never in both,
    /// never in neither. Two things follow. A gauge that is incremented before and decremented
    /// after a reset reads -1, and `counter.absolute(v)` brings its value back. Names that
    /// `keep_on_reset` matches are left alone.
    ///
    /// # Errors
    ///
    /// If a source cannot be reset, nothing is. If a histogram is in use by a thread that stands
    /// still in the middle of a record, everything else is reset and the error names it.
    pub fn reset(&self) -> Result<ResetReport, ResetError> {
        let inner = &*self.inner;
        if let Some(source) = inner.sources.iter().find(|source| !source.can_reset()) {
            return Err(ResetError::Source {
                name: source.name().to_owned(),
            });
        }
        let report = super::reset::reset_all(
            &inner.catalog.merged_listing(),
            |name| {
                inner
                    .keep_on_reset
                    .iter()
                    .any(|matcher| matcher.matches(name))
            },
            Patience::RESET,
            |_, _| {},
        );
        inner.refused.store(0, Ordering::Relaxed);
        inner.sources.iter().for_each(|source| source.reset());
        if report.busy.is_empty() {
            Ok(report)
        } else {
            Err(ResetError::Busy { names: report.busy })
        }
    }

    /// Waits until a request may take a thread for a scrape or a reset; dropped when that is done.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.inner.turns.clone().acquire_owned().await.ok() // it is never closed
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.inner.catalog
    }

    pub(crate) fn registry(&self) -> &Registry<Key, Arc<Catalog>> {
        &self.inner.registry
    }

    /// Whether there are as many keys as there may be. Writers that arrive together may each add
    /// one more.
    pub(crate) fn is_full(&self) -> bool {
        self.inner.catalog.keys() >= self.inner.series_limit
    }

    /// Counts a key that was not registered.
    #[cold]
    pub(crate) fn refuse(&self) {
        if self.inner.refused.fetch_add(1, Ordering::Relaxed) == 0 {
            let limit = self.inner.series_limit;
            tracing::warn!(
                limit,
                "too many metric series: further ones are not recorded"
            );
        }
    }
}

impl Inner {
    /// Seconds since the recorder was made.
    fn now(&self) -> u32 {
        let age = self.clock.now().saturating_duration_since(self.started);
        u32::try_from(age.as_secs()).unwrap_or(u32::MAX)
    }
}
