//! Sample lines: copies of prepared text around one formatted number.

use std::hint::black_box;

use super::arena::Arena;
use super::buckets::Bounds;
use super::cells::{Cell, CounterCell, GaugeCell};
use super::family::{Header, View};
use super::histogram::HistogramCell;
use super::number::{push_f64, push_u64};
use super::summary::{SummaryCell, SummarySpec};

/// Room that the longest number and its line feed need.
const NUMBER: usize = 32;

/// Series that are read together, so that the processor fetches their cells side by side.
const BATCH: usize = 32;

/// Bytes of a name that are copied with a few instructions instead of a call.
const SHORT: usize = 32;

/// A name that is copied into many lines.
struct Name<'a> {
    text: &'a [u8],
    /// The name and what fills it up, if it is short.
    padded: Option<[u8; SHORT]>,
}

impl<'a> Name<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        let mut padded = [0; SHORT];
        let room = padded.get_mut(..text.len());
        let is_short = room.map(|room| room.copy_from_slice(text)).is_some();
        Self {
            text,
            padded: is_short.then_some(padded),
        }
    }

    #[inline]
    fn push(&self, out: &mut Vec<u8>) {
        match &self.padded {
            Some(padded) => {
                let end = out.len() + self.text.len();
                out.extend_from_slice(padded);
                out.truncate(end);
            }
            None => out.extend_from_slice(self.text),
        }
    }
}

/// Writes the samples of one family until the text is long enough.
///
/// The HELP and TYPE lines are written before the first sample, hence not at all for a family that
/// shows none.
pub(crate) struct Writer<'a> {
    pub(crate) header: &'a Header,
    pub(crate) header_written: &'a mut bool,
    /// Bytes of text after which no further series is begun.
    pub(crate) full: usize,
    /// Now and the limit in seconds, if idle series of this kind are hidden.
    pub(crate) idle: Option<(u32, u32)>,
    pub(crate) out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    /// Writes from the series `first` on; returns the first one that was not written, None if all
    /// were.
    pub(crate) fn write(mut self, view: &View, first: usize) -> Option<usize> {
        match view {
            View::Counters(arena) => self.scalars(arena, first, CounterCell::get, push_u64),
            View::Gauges(arena) => self.scalars(arena, first, GaugeCell::get, push_f64),
            View::Histograms(bounds, arena) => self.histograms(bounds, arena, first),
            View::Summaries(spec, arena) => self.summaries(spec, arena, first),
        }
    }

    fn scalars<C: Cell, V: Copy + Default>(
        &mut self,
        arena: &Arena<C>,
        first: usize,
        get: impl Fn(&C) -> V,
        push: impl Fn(&mut Vec<u8>, V),
    ) -> Option<usize> {
        let name = Name::new(&self.header.name);
        let mut values = [V::default(); BATCH];
        let mut labels = arena.labels_from(first);
        let mut index = first;
        for batch in arena.cells().get(first..).unwrap_or_default().chunks(BATCH) {
            values
                .iter_mut()
                .zip(batch)
                .for_each(|(value, cell)| *value = get(cell));
            for (cell, value) in batch.iter().zip(values) {
                if self.out.len() >= self.full {
                    return Some(index);
                }
                let labels = labels.next().unwrap_or_default();
                if self.begin(&**cell) {
                    self.out
                        .reserve(name.text.len() + SHORT + labels.len() + NUMBER);
                    name.push(self.out);
                    self.out.extend_from_slice(labels);
                    push(self.out, value);
                    self.out.push(b'\n');
                }
                index += 1;
            }
        }
        None
    }

    fn histograms(
        &mut self,
        bounds: &Bounds,
        arena: &Arena<HistogramCell>,
        first: usize,
    ) -> Option<usize> {
        let mut begin = format!("{}_bucket{{", self.header.name).into_bytes();
        let name = begin.len();
        let mut counts = Vec::new();
        let mut index = first;
        for batch in arena.cells().get(first..).unwrap_or_default().chunks(BATCH) {
            black_box(batch.iter().fold(0, |all, cell| all ^ cell.fetch()));
            for cell in batch {
                if self.out.len() >= self.full {
                    return Some(index);
                }
                if self.begin(&**cell) {
                    let sum = cell.snapshot(&mut counts);
                    let labels = arena.labels(index);
                    begin.truncate(name);
                    begin.extend_from_slice(labels);
                    let mut count = 0;
                    for (le, in_bucket) in bounds.le.iter().zip(&counts) {
                        count += in_bucket;
                        self.out.reserve(begin.len() + le.len() + NUMBER);
                        self.out.extend_from_slice(&begin);
                        self.out.extend_from_slice(le);
                        push_u64(self.out, count);
                        self.out.push(b'\n');
                    }
                    self.push_sum_and_count(labels, sum, count);
                }
                index += 1;
            }
        }
        None
    }

    fn summaries(
        &mut self,
        spec: &SummarySpec,
        arena: &Arena<SummaryCell>,
        first: usize,
    ) -> Option<usize> {
        let mut values = Vec::new();
        for (index, cell) in arena.cells().iter().enumerate().skip(first) {
            if self.out.len() >= self.full {
                return Some(index);
            }
            if self.begin(&**cell) {
                let total = cell.snapshot(&mut values);
                let labels = arena.labels(index);
                for (quantile, value) in spec.quantiles.iter().zip(&values) {
                    self.out.extend_from_slice(self.header.name.as_bytes());
                    self.out.push(b'{');
                    self.out.extend_from_slice(labels);
                    self.out.extend_from_slice(b"quantile=\"");
                    push_f64(self.out, quantile.value());
                    self.out.extend_from_slice(b"\"} ");
                    push_f64(self.out, *value);
                    self.out.push(b'\n');
                }
                self.push_sum_and_count(labels, total.sum, total.count);
            }
        }
        None
    }

    /// Whether the series is shown; if so, its lines may follow.
    #[inline]
    fn begin(&mut self, cell: &impl Cell) -> bool {
        if let Some((now, limit)) = self.idle
            && !cell.activity().is_recent(now, limit)
        {
            return false;
        }
        if !*self.header_written {
            self.header.write(self.out);
            *self.header_written = true;
        }
        true
    }

    fn push_sum_and_count(&mut self, labels: &[u8], sum: f64, count: u64) {
        self.push_begin("_sum", labels);
        push_f64(self.out, sum);
        self.out.push(b'\n');
        self.push_begin("_count", labels);
        push_u64(self.out, count);
        self.out.push(b'\n');
    }

    fn push_begin(&mut self, suffix: &str, labels: &[u8]) {
        let name = self.header.name.as_bytes();
        self.out
            .reserve(name.len() + suffix.len() + labels.len() + NUMBER);
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(suffix.as_bytes());
        if let Some(labels) = labels.strip_suffix(b",") {
            self.out.push(b'{');
            self.out.extend_from_slice(labels);
            self.out.push(b'}');
        }
        self.out.push(b' ');
    }
}
