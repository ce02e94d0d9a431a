//! Writes sample lines: copies of prepared text and one formatted number each.

use std::collections::TryReserveError;
use std::hint::black_box;

use super::block::Block;
use super::buckets::BucketBounds;
use super::cells::{Cell, CounterCell, GaugeCell};
use super::family::{FamilyBlock, Header};
use super::histogram::HistogramCell;
use super::number::{push_f64, push_u64};
use super::summary::{SummaryCell, SummarySpec};

/// Upper bound for a formatted number and its line feed.
const MAX_NUMBER_BYTES: usize = 32;

/// Series that are read together, so that the processor overlaps the loads of their cells.
const PREFETCH_BATCH_SERIES: usize = 32;

/// Names of up to this size are copied with a few instructions instead of a call.
const PADDED_NAME_BYTES: usize = 32;

/// A name that is copied into many lines.
struct FamilyName<'a> {
    text: &'a [u8],
    /// The name padded with zeroes, if it is short.
    padded: Option<[u8; PADDED_NAME_BYTES]>,
}

impl<'a> FamilyName<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        let mut padded = [0; PADDED_NAME_BYTES];
        let prefix = padded.get_mut(..text.len());
        let is_short = prefix.map(|prefix| prefix.copy_from_slice(text)).is_some();
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

/// Writes the samples of one block until the text is long enough.
///
/// The HELP and TYPE lines are written before the first sample, so that a family without visible
/// series has none. Memory is reserved before each series is written.
pub(super) struct FamilyEncoder<'a> {
    pub(super) header: &'a Header,
    pub(super) header_written: &'a mut bool,
    /// Size of the text at which no further series is started.
    pub(super) full: usize,
    /// Now and the limit in seconds, if idle series of this kind are hidden.
    pub(super) idle: Option<(u32, u32)>,
    pub(super) out: &'a mut Vec<u8>,
}

impl FamilyEncoder<'_> {
    /// Writes from the series `first` on; returns the first one that was not written, `None` if
    /// all were.
    pub(super) fn write(
        mut self,
        block: &FamilyBlock,
        first: usize,
    ) -> Result<Option<usize>, TryReserveError> {
        match block {
            FamilyBlock::Counters(block) => self.scalars(block, first, CounterCell::get, push_u64),
            FamilyBlock::Gauges(block) => self.scalars(block, first, GaugeCell::get, push_f64),
            FamilyBlock::Histograms(bounds, block) => self.histograms(bounds, block, first),
            FamilyBlock::Summaries(spec, block) => self.summaries(spec, block, first),
        }
    }

    fn scalars<C: Cell, V: Copy + Default>(
        &mut self,
        block: &Block<C>,
        first: usize,
        get: impl Fn(&C) -> V,
        push: impl Fn(&mut Vec<u8>, V),
    ) -> Result<Option<usize>, TryReserveError> {
        let name = FamilyName::new(&self.header.name);
        let mut values = [V::default(); PREFETCH_BATCH_SERIES];
        let mut labels = block.labels_from(first);
        let mut index = first;
        let cells = block.cells().get(first..).unwrap_or_default();
        for batch in cells.chunks(PREFETCH_BATCH_SERIES) {
            values
                .iter_mut()
                .zip(batch)
                .for_each(|(value, cell)| *value = get(cell));
            for (cell, value) in batch.iter().zip(values) {
                if self.out.len() >= self.full {
                    return Ok(Some(index));
                }
                let labels = labels.next().unwrap_or_default();
                if self.start_series(&**cell) {
                    self.out.try_reserve(
                        name.text.len() + PADDED_NAME_BYTES + labels.len() + MAX_NUMBER_BYTES,
                    )?;
                    name.push(self.out);
                    self.out.extend_from_slice(labels);
                    push(self.out, value);
                    self.out.push(b'\n');
                }
                index += 1;
            }
        }
        Ok(None)
    }

    fn histograms(
        &mut self,
        bounds: &BucketBounds,
        block: &Block<HistogramCell>,
        first: usize,
    ) -> Result<Option<usize>, TryReserveError> {
        let mut prefix = format!("{}_bucket{{", self.header.name).into_bytes();
        let name_len = prefix.len();
        let mut counts = Vec::new();
        let mut index = first;
        let cells = block.cells().get(first..).unwrap_or_default();
        for batch in cells.chunks(PREFETCH_BATCH_SERIES) {
            black_box(batch.iter().fold(0, |sum, cell| sum ^ cell.prefetch()));
            for cell in batch {
                if self.out.len() >= self.full {
                    return Ok(Some(index));
                }
                if self.start_series(&**cell) {
                    let sum = cell.snapshot(&mut counts);
                    let labels = block.labels(index);
                    prefix.truncate(name_len);
                    prefix.try_reserve(labels.len())?;
                    prefix.extend_from_slice(labels);
                    let mut count = 0;
                    for (le, in_bucket) in bounds.le.iter().zip(&counts) {
                        count += in_bucket;
                        self.out
                            .try_reserve(prefix.len() + le.len() + MAX_NUMBER_BYTES)?;
                        self.out.extend_from_slice(&prefix);
                        self.out.extend_from_slice(le);
                        push_u64(self.out, count);
                        self.out.push(b'\n');
                    }
                    self.push_sum_and_count(labels, sum, count)?;
                }
                index += 1;
            }
        }
        Ok(None)
    }

    fn summaries(
        &mut self,
        spec: &SummarySpec,
        block: &Block<SummaryCell>,
        first: usize,
    ) -> Result<Option<usize>, TryReserveError> {
        let mut values = Vec::new();
        for (index, cell) in block.cells().iter().enumerate().skip(first) {
            if self.out.len() >= self.full {
                return Ok(Some(index));
            }
            if self.start_series(&**cell) {
                let totals = cell.snapshot(&mut values);
                let labels = block.labels(index);
                for (quantile, value) in spec.quantiles.iter().zip(&values) {
                    self.out.try_reserve(
                        self.header.name.len()
                            + labels.len()
                            + "{quantile=\"\"} ".len()
                            + 2 * MAX_NUMBER_BYTES,
                    )?;
                    self.out.extend_from_slice(self.header.name.as_bytes());
                    self.out.push(b'{');
                    self.out.extend_from_slice(labels);
                    self.out.extend_from_slice(b"quantile=\"");
                    push_f64(self.out, quantile.value());
                    self.out.extend_from_slice(b"\"} ");
                    push_f64(self.out, *value);
                    self.out.push(b'\n');
                }
                self.push_sum_and_count(labels, totals.sum, totals.count)?;
            }
        }
        Ok(None)
    }

    /// Returns whether the series is visible; writes the family's header before the first one.
    #[inline]
    fn start_series(&mut self, cell: &impl Cell) -> bool {
        if let Some((now, limit)) = self.idle
            && !cell.activity().check_recent(now, limit)
        {
            return false;
        }
        if !*self.header_written {
            self.header.write(self.out);
            *self.header_written = true;
        }
        true
    }

    fn push_sum_and_count(
        &mut self,
        labels: &[u8],
        sum: f64,
        count: u64,
    ) -> Result<(), TryReserveError> {
        self.push_series("_sum", labels)?;
        push_f64(self.out, sum);
        self.out.push(b'\n');
        self.push_series("_count", labels)?;
        push_u64(self.out, count);
        self.out.push(b'\n');
        Ok(())
    }

    /// Writes a sample's name and labels and reserves memory for its value.
    fn push_series(&mut self, suffix: &str, labels: &[u8]) -> Result<(), TryReserveError> {
        let name = self.header.name.as_bytes();
        self.out.try_reserve(
            name.len() + suffix.len() + labels.len() + "{} ".len() + MAX_NUMBER_BYTES,
        )?;
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(suffix.as_bytes());
        if let Some(labels) = labels.strip_suffix(b",") {
            self.out.push(b'{');
            self.out.extend_from_slice(labels);
            self.out.push(b'}');
        }
        self.out.push(b' ');
        Ok(())
    }
}
