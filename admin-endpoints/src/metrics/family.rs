//! A family: one name, one kind, one HELP, and its series.

use std::sync::{Arc, Mutex, PoisonError};

use super::arena::Arena;
use super::buckets::Bounds;
use super::cells::{CounterCell, GaugeCell};
use super::escape::push_help;
use super::histogram::HistogramCell;
use super::naming::Kind;
use super::series::Series;
use super::summary::{SummaryCell, SummarySpec};

/// All series of one name.
#[derive(Debug)]
pub(crate) struct Family {
    header: Mutex<Arc<Header>>,
    pub(crate) members: Members,
}

/// The series of a family, by kind.
#[derive(Debug)]
pub(crate) enum Members {
    Counters(Series<CounterCell>),
    Gauges(Series<GaugeCell>),
    Histograms(Arc<Bounds>, Series<HistogramCell>),
    Summaries(SummarySpec, Series<SummaryCell>),
}

/// What a scrape reads of a family; it stays the same while the scrape lasts.
#[derive(Clone, Debug)]
pub(crate) enum View {
    Counters(Arc<Arena<CounterCell>>),
    Gauges(Arc<Arena<GaugeCell>>),
    Histograms(Arc<Bounds>, Arc<Arena<HistogramCell>>),
    Summaries(SummarySpec, Arc<Arena<SummaryCell>>),
}

/// A family's name and HELP text, with the lines that stand above its samples.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) help: Option<String>,
}

impl Header {
    /// Appends the HELP line, if there is a text, and the TYPE line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut text = String::new();
        if let Some(help) = &self.help {
            text.extend(["# HELP ", &self.name, " "]);
            push_help(&mut text, help);
            text.push('\n');
        }
        text.extend(["# TYPE ", &self.name, " ", self.kind.as_str(), "\n"]);
        out.extend_from_slice(text.as_bytes());
    }

    /// The names of all samples that a family of this name and kind can have.
    pub(crate) fn sample_names(&self) -> impl Iterator<Item = String> {
        self.kind
            .sample_suffixes()
            .iter()
            .map(|suffix| format!("{}{suffix}", self.name))
    }
}

impl Family {
    pub(crate) fn new(header: Header, members: Members) -> Self {
        Self {
            header: Mutex::new(Arc::new(header)),
            members,
        }
    }

    pub(crate) fn header(&self) -> Arc<Header> {
        self.header
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_header(&self, header: Header) {
        *self.header.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(header);
    }

    /// Lists the series registered since the last merge.
    pub(crate) fn merge(&self) {
        match &self.members {
            Members::Counters(series) => series.merge(),
            Members::Gauges(series) => series.merge(),
            Members::Histograms(_, series) => series.merge(),
            Members::Summaries(_, series) => series.merge(),
        }
    }

    pub(crate) fn view(&self) -> View {
        match &self.members {
            Members::Counters(series) => View::Counters(series.arena()),
            Members::Gauges(series) => View::Gauges(series.arena()),
            Members::Histograms(bounds, series) => View::Histograms(bounds.clone(), series.arena()),
            Members::Summaries(spec, series) => View::Summaries(spec.clone(), series.arena()),
        }
    }
}

impl View {
    /// Whether a series with these labels, as [`stored_labels`] writes them, is listed.
    pub(crate) fn contains(&self, labels: &str) -> bool {
        match self {
            Self::Counters(arena) => arena.get(labels).is_some(),
            Self::Gauges(arena) => arena.get(labels).is_some(),
            Self::Histograms(_, arena) => arena.get(labels).is_some(),
            Self::Summaries(_, arena) => arena.get(labels).is_some(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Counters(arena) => arena.len(),
            Self::Gauges(arena) => arena.len(),
            Self::Histograms(_, arena) => arena.len(),
            Self::Summaries(_, arena) => arena.len(),
        }
    }
}

/// A label text as the arena keeps it, ready to be copied into a line: `{a="1"} ` (or a space)
/// where a value follows, `a="1",` (or nothing) where a histogram's or summary's own label does.
pub(crate) fn stored_labels(kind: Kind, mut labels: String) -> String {
    match kind {
        Kind::Histogram | Kind::Summary => {
            if !labels.is_empty() {
                labels.push(',');
            }
            labels
        }
        _ if labels.is_empty() => " ".to_owned(),
        _ => format!("{{{labels}}} "),
    }
}
