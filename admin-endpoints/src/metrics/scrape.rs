//! One scrape: the exposition in chunks that are written on demand, sorted by family and labels.

use std::collections::{BTreeMap, TryReserveError, btree_map};
use std::iter::Peekable;
use std::mem;
use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use metrics_util::MetricKind;

use super::catalog::{CatalogSnapshot, Families};
use super::encoder::FamilyEncoder;
use super::exposition::{Sample, TextFamily};
use super::family::{FamilyBlock, FamilyBlocks, Header};
use super::idle::IdlePolicy;
use super::naming::MetricType;
use super::scrape_error::ScrapeError;

/// A chunk ends with the first series beyond this size.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// The text of one scrape, in chunks of about 64 KiB.
///
/// It holds no lock and no copy of the text: each chunk is written when it is requested, with the
/// values of that moment. Each series is exact; series of different chunks are from different
/// moments.
///
/// ```
/// use admin_endpoints::metrics::Recorder;
///
/// let recorder = Recorder::builder().process_metrics(false).build()?;
/// metrics::with_local_recorder(&recorder, || {
///     for shard in 0..10_000 {
///         metrics::counter!("hits_total", "shard" => shard.to_string()).increment(1);
///     }
/// });
/// let mut sizes = Vec::new();
/// for chunk in recorder.scrape() {
///     sizes.push(chunk?.len());
/// }
/// assert!(sizes.len() > 3);
/// assert!(sizes.iter().all(|size| *size < 80 * 1024));
/// assert_eq!(sizes.iter().sum::<usize>(), recorder.render().len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Scrape {
    /// The recorder's own families; `None` after an error.
    own: Option<Peekable<Families>>,
    external: Peekable<btree_map::IntoIter<String, TextFamily>>,
    current: Option<FamilyCursor>,
    idle: IdlePolicy,
    /// Seconds since the recorder was created.
    now: u32,
    /// Why a source could not be read: the only item.
    failure: Option<ScrapeError>,
}

/// The family that is being written: the recorder's own series, then samples of sources.
#[derive(Debug)]
struct FamilyCursor {
    header: Arc<Header>,
    header_written: bool,
    blocks: Option<FamilyBlocks>,
    /// The current block and its next series.
    block: Option<(FamilyBlock, usize)>,
    samples: vec::IntoIter<Sample>,
}

impl Scrape {
    pub(super) fn new(
        snapshot: &CatalogSnapshot,
        external: BTreeMap<String, TextFamily>,
        idle: IdlePolicy,
        now: u32,
    ) -> Self {
        Self {
            own: Some(snapshot.families().peekable()),
            external: external.into_iter().peekable(),
            current: None,
            idle,
            now,
            failure: None,
        }
    }

    /// A scrape that fails at once.
    pub(super) fn failed(failure: ScrapeError) -> Self {
        Self {
            own: None,
            external: BTreeMap::new().into_iter().peekable(),
            current: None,
            idle: IdlePolicy::NEVER,
            now: 0,
            failure: Some(failure),
        }
    }

    /// The next family in the order of names. Series of the recorder and samples of sources with
    /// the same name are one family.
    fn next_family(&mut self) -> Option<FamilyCursor> {
        let own = self.own.as_mut()?;
        let own_name = own.peek().map(|(header, _)| header.name.as_str());
        let external = match (own_name, self.external.peek()) {
            (Some(own), Some((name, _))) if name.as_str() > own => None,
            _ => self.external.next(),
        };
        let same_name = external
            .as_ref()
            .is_none_or(|(name, _)| own_name == Some(name));
        let own = own.next_if(|_| same_name);
        match (own, external) {
            (None, None) => None,
            (None, Some((_, text))) => Some(FamilyCursor {
                header: Arc::new(text.header),
                header_written: false,
                blocks: None,
                block: None,
                samples: text.samples.into_iter(),
            }),
            (Some((header, family)), external) => {
                let (help, samples) = external
                    .map(|(_, text)| (text.header.help, text.samples))
                    .unwrap_or_default();
                let header = if header.help.is_none() && help.is_some() {
                    Arc::new(Header {
                        name: header.name.clone(),
                        kind: header.kind,
                        help,
                    })
                } else {
                    header
                };
                Some(FamilyCursor {
                    header,
                    header_written: false,
                    blocks: Some(family.blocks()),
                    block: None,
                    samples: samples.into_iter(),
                })
            }
        }
    }

    fn idle_limit(&self, kind: MetricType) -> Option<(u32, u32)> {
        let kind = match kind {
            MetricType::Counter => MetricKind::Counter,
            MetricType::Gauge => MetricKind::Gauge,
            _ => MetricKind::Histogram,
        };
        self.idle.limit(kind).map(|limit| (self.now, limit))
    }

    /// The next chunk, empty at the end.
    fn next_chunk(&mut self) -> Result<Vec<u8>, TryReserveError> {
        let mut out = Vec::new();
        out.try_reserve_exact(CHUNK_BYTES + CHUNK_BYTES / 8)?;
        while out.len() < CHUNK_BYTES {
            let current = self.current.take().or_else(|| self.next_family());
            let Some(mut current) = current else { break };
            let idle = self.idle_limit(current.header.kind);
            if !current.write(idle, &mut out)? {
                self.current = Some(current);
            }
        }
        Ok(out)
    }
}

impl FamilyCursor {
    /// Writes until `out` is full; returns whether the family is complete.
    fn write(
        &mut self,
        idle: Option<(u32, u32)>,
        out: &mut Vec<u8>,
    ) -> Result<bool, TryReserveError> {
        while let Some((block, first)) = self
            .block
            .take()
            .or_else(|| self.blocks.as_mut().and_then(Iterator::next))
        {
            let encoder = FamilyEncoder {
                header: &self.header,
                header_written: &mut self.header_written,
                full: CHUNK_BYTES,
                idle,
                out,
            };
            if let Some(next) = encoder.write(&block, first)? {
                self.block = Some((block, next));
                return Ok(false);
            }
        }
        while out.len() < CHUNK_BYTES {
            let Some(sample) = self.samples.next() else {
                return Ok(true);
            };
            if !mem::replace(&mut self.header_written, true) {
                self.header.write(out);
            }
            out.try_reserve(sample.line.len() + 1)?;
            out.extend_from_slice(sample.line.as_bytes());
            out.push(b'\n');
        }
        Ok(false)
    }
}

/// After an error there are no more chunks.
impl Iterator for Scrape {
    type Item = Result<Bytes, ScrapeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(failure) = self.failure.take() {
            return Some(Err(failure));
        }
        self.own.as_ref()?;
        match self.next_chunk() {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => Some(Ok(chunk.into())),
            Err(source) => {
                (self.own, self.current) = (None, None);
                Some(Err(source.into()))
            }
        }
    }
}
