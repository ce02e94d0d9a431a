//! One scrape: the exposition in chunks, made as they are asked for, sorted by family and by
//! labels.

use std::collections::{BTreeMap, btree_map};
use std::iter::Peekable;
use std::sync::Arc;

use bytes::Bytes;
use metrics_util::MetricKind;

use super::catalog::Listing;
use super::exposition::TextFamily;
use super::family::{Header, View};
use super::idle::IdlePolicy;
use super::lines::Writer;
use super::naming::Kind;

/// What a chunk has at least, the last one excepted.
const CHUNK: usize = 64 * 1024;

/// The text of one scrape, in chunks of about 64 KiB.
///
/// It holds no lock and no copy of the text: a chunk is written when it is asked for, with the
/// values of that moment. Each series is exact; series of different chunks are not of one moment.
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
/// let sizes: Vec<usize> = recorder.scrape().map(|chunk| chunk.len()).collect();
/// assert!(sizes.len() > 3);
/// assert!(sizes.iter().all(|size| *size < 80 * 1024));
/// assert_eq!(sizes.iter().sum::<usize>(), recorder.render().len());
/// # Ok::<(), admin_endpoints::metrics::BuildError>(())
/// ```
#[derive(Debug)]
pub struct Scrape {
    listing: Listing,
    next_family: usize,
    observed: Peekable<btree_map::IntoIter<String, TextFamily>>,
    current: Option<Current>,
    idle: IdlePolicy,
    /// Seconds after the recorder was made.
    now: u32,
}

/// The family that is being written: the recorder's part, then what sources add to it.
#[derive(Debug)]
struct Current {
    header: Arc<Header>,
    header_written: bool,
    own: Option<(View, usize)>,
    text: std::vec::IntoIter<super::exposition::Sample>,
}

impl Scrape {
    pub(crate) fn new(
        listing: Listing,
        observed: BTreeMap<String, TextFamily>,
        idle: IdlePolicy,
        now: u32,
    ) -> Self {
        let observed = observed.into_iter().peekable();
        Self {
            listing,
            next_family: 0,
            observed,
            current: None,
            idle,
            now,
        }
    }

    /// The next family in the order of names; the recorder's and a source's of one name are one.
    fn next_family(&mut self) -> Option<Current> {
        let own = self.listing.get(self.next_family);
        let text = match (own, self.observed.peek()) {
            (Some((header, _)), Some((name, _))) if *name > header.name => None,
            _ => self.observed.next(),
        };
        let Some((header, family)) = own else {
            let family = text?.1;
            return Some(Current {
                header: Arc::new(family.header),
                header_written: false,
                own: None,
                text: family.samples.into_iter(),
            });
        };
        if let Some((name, text)) = text {
            let both = name == header.name;
            let header = match (both, header.help.is_some()) {
                (true, true) => header.clone(),
                (true, false) => Arc::new(Header {
                    help: text.header.help,
                    name,
                    kind: header.kind,
                }),
                (false, _) => Arc::new(text.header),
            };
            let own = both.then(|| (family.view(), 0));
            self.next_family += usize::from(both);
            return Some(Current {
                header,
                header_written: false,
                own,
                text: text.samples.into_iter(),
            });
        }
        self.next_family += 1;
        let (header, own) = (header.clone(), Some((family.view(), 0)));
        Some(Current {
            header,
            header_written: false,
            own,
            text: Vec::new().into_iter(),
        })
    }

    fn idle_limit(&self, kind: Kind) -> Option<(u32, u32)> {
        let kind = match kind {
            Kind::Counter => MetricKind::Counter,
            Kind::Gauge => MetricKind::Gauge,
            _ => MetricKind::Histogram,
        };
        self.idle.limit(kind).map(|limit| (self.now, limit))
    }
}

impl Current {
    /// Writes until `out` is full; true when the family is done.
    fn write(&mut self, idle: Option<(u32, u32)>, out: &mut Vec<u8>) -> bool {
        if let Some((view, first)) = &mut self.own {
            let writer = Writer {
                header: &self.header,
                header_written: &mut self.header_written,
                full: CHUNK,
                idle,
                out,
            };
            match writer.write(view, *first) {
                Some(next) => {
                    *first = next;
                    return false;
                }
                None => self.own = None,
            }
        }
        while out.len() < CHUNK {
            let Some(sample) = self.text.next() else {
                return true;
            };
            if !self.header_written {
                self.header.write(out);
                self.header_written = true;
            }
            out.extend_from_slice(sample.line.as_bytes());
            out.push(b'\n');
        }
        false
    }
}

impl Iterator for Scrape {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let mut out = Vec::with_capacity(CHUNK + CHUNK / 8);
        while out.len() < CHUNK {
            let mut current = match self.current.take() {
                Some(current) => current,
                None => match self.next_family() {
                    Some(current) => current,
                    None => break,
                },
            };
            let idle = self.idle_limit(current.header.kind);
            if !current.write(idle, &mut out) {
                self.current = Some(current);
            }
        }
        (!out.is_empty()).then(|| out.into())
    }
}
