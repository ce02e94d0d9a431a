//! Sample lines: copies of prepared text around one formatted number.

use std::ops::ControlFlow;

use super::arena::Arena;
use super::buckets::Bounds;
use super::cells::{Cell, CounterCell, GaugeCell};
use super::family::{Header, View};
use super::histogram::HistogramCell;
use super::number::{push_f64, push_u64};
use super::summary::{SummaryCell, SummarySpec};

/// Room that the longest number and its line feed need.
const NUMBER: usize = 32;

/// Writes the samples of one family, from the series `first` on, until `out` has `full` bytes.
///
/// Returns the index of the first series that was not written; None when all were. The HELP and TYPE lines are
/// written before the first sample, hence not at all for a family that shows none.
pub(crate) struct Writer<'a> {
    pub(crate) header: &'a Header,
    pub(crate) header_written: &'a mut bool,
    pub(crate) full: usize,
    /// Now and the limit in seconds, if idle series of this kind are hidden.
    pub(crate) idle: Option<(u32, u32)>,
}

impl Writer<'_> {
    pub(crate) fn write(self, view: &View, first: usize, out: &mut Vec<u8>) -> Option<usize> {
        match view {
            View::Counters(arena) => self.counters(arena, first, out),
            View::Gauges(arena) => self.gauges(arena, first, out),
            View::Histograms(bounds, arena) => self.histograms(bounds, arena, first, out),
            View::Summaries(spec, arena) => self.summaries(spec, arena, first, out),
        }
    }

    fn counters(
        self,
        arena: &Arena<CounterCell>,
        first: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let name = self.header.name.as_bytes();
        self.each(arena, first, out, |out, labels, cell| {
            out.reserve(name.len() + labels.len() + NUMBER);
            out.extend_from_slice(name);
            out.extend_from_slice(labels.as_bytes());
            push_u64(out, cell.get());
            out.push(b'\n');
        })
    }

    fn gauges(self, arena: &Arena<GaugeCell>, first: usize, out: &mut Vec<u8>) -> Option<usize> {
        let name = self.header.name.as_bytes();
        self.each(arena, first, out, |out, labels, cell| {
            out.reserve(name.len() + labels.len() + NUMBER);
            out.extend_from_slice(name);
            out.extend_from_slice(labels.as_bytes());
            push_f64(out, cell.get());
            out.push(b'\n');
        })
    }

    fn histograms(
        self,
        bounds: &Bounds,
        arena: &Arena<HistogramCell>,
        first: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let name = self.header.name.clone();
        let bucket = format!("{name}_bucket{{");
        let mut counts = Vec::new();
        self.each(arena, first, out, |out, labels, cell| {
            let sum = cell.snapshot(&mut counts);
            let mut count = 0;
            for (le, in_bucket) in bounds.le.iter().zip(&counts) {
                count += in_bucket;
                out.reserve(bucket.len() + labels.len() + le.len() + NUMBER);
                out.extend_from_slice(bucket.as_bytes());
                out.extend_from_slice(labels.as_bytes());
                out.extend_from_slice(le);
                push_u64(out, count);
                out.push(b'\n');
            }
            push_sum_and_count(out, &name, labels, sum, count);
        })
    }

    fn summaries(
        self,
        spec: &SummarySpec,
        arena: &Arena<SummaryCell>,
        first: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let name = self.header.name.clone();
        let mut values = Vec::new();
        self.each(arena, first, out, |out, labels, cell| {
            let total = cell.snapshot(&mut values);
            for (quantile, value) in spec.quantiles.iter().zip(&values) {
                for part in [&name, "{", labels, "quantile=\""] {
                    out.extend_from_slice(part.as_bytes());
                }
                push_f64(out, quantile.value());
                out.extend_from_slice(b"\"} ");
                push_f64(out, *value);
                out.push(b'\n');
            }
            push_sum_and_count(out, &name, labels, total.sum, total.count);
        })
    }

    fn each<C: Cell>(
        self,
        arena: &Arena<C>,
        first: usize,
        out: &mut Vec<u8>,
        mut line: impl FnMut(&mut Vec<u8>, &str, &C),
    ) -> Option<usize> {
        let mut next = first;
        let stopped = arena.iter_from(first).try_for_each(|(labels, cell)| {
            if out.len() >= self.full {
                return ControlFlow::Break(());
            }
            next += 1;
            if self
                .idle
                .is_none_or(|(now, limit)| cell.activity().is_recent(now, limit))
            {
                if !*self.header_written {
                    self.header.write(out);
                    *self.header_written = true;
                }
                line(out, labels, cell);
            }
            ControlFlow::Continue(())
        });
        stopped.is_break().then_some(next)
    }
}

fn push_sum_and_count(out: &mut Vec<u8>, name: &str, labels: &str, sum: f64, count: u64) {
    push_suffixed(out, name, "_sum", labels);
    push_f64(out, sum);
    out.push(b'\n');
    push_suffixed(out, name, "_count", labels);
    push_u64(out, count);
    out.push(b'\n');
}

fn push_suffixed(out: &mut Vec<u8>, name: &str, suffix: &str, labels: &str) {
    out.reserve(name.len() + suffix.len() + labels.len() + NUMBER);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(suffix.as_bytes());
    if let Some(labels) = labels.strip_suffix(',') {
        out.push(b'{');
        out.extend_from_slice(labels.as_bytes());
        out.push(b'}');
    }
    out.push(b' ');
}
