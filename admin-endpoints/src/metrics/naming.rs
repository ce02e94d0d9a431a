//! Names as Prometheus wants them: allowed characters, units, `_total`, and which sample names a
//! family takes up.
//!
//! Sources: prometheus.io, "Data model" and "Metric and label naming".

use metrics::Unit;

/// What a family is to Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
    /// Only from sources: a family without a TYPE line.
    Untyped,
}

impl Kind {
    /// The word of the TYPE line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        }
    }

    /// What the names of its samples end in, after the family's own name.
    pub(crate) fn sample_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter | Self::Gauge | Self::Untyped => &[""],
            Self::Histogram => &["", "_bucket", "_sum", "_count"],
            Self::Summary => &["", "_sum", "_count"],
        }
    }

    /// The label that its own lines need.
    pub(crate) fn reserved_label(self) -> Option<&'static str> {
        match self {
            Self::Histogram => Some("le"),
            Self::Summary => Some("quantile"),
            _ => None,
        }
    }
}

/// A metric name: letters, digits, `_` and `:`, not starting with a digit; everything else becomes
/// `_`.
///
/// A leading digit is kept behind a `_`, so that `1a` and `2a` stay two names.
pub(crate) fn metric_name(raw: &str) -> String {
    sanitized(raw, |c| c == ':')
}

/// A label name: letters, digits and `_`, not starting with a digit; everything else becomes `_`.
///
/// Names that start with `__` belong to Prometheus and get `exported_` in front.
pub(crate) fn label_name(raw: &str) -> String {
    let name = sanitized(raw, |_| false);
    if name.starts_with("__") {
        exported(&name)
    } else {
        name
    }
}

/// The name that a label gives way to, in the way Prometheus itself does it.
pub(crate) fn exported(label: &str) -> String {
    format!("exported_{label}")
}

fn sanitized(raw: &str, also: impl Fn(char) -> bool) -> String {
    let mut name = String::with_capacity(raw.len() + 1);
    if raw.starts_with(|c: char| c.is_ascii_digit()) || raw.is_empty() {
        name.push('_');
    }
    name.extend(raw.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || c == '_' || also(c) => c,
        _ => '_',
    }));
    name
}

/// The name of a family: the sanitised name, its unit, and `_total` if it is a counter.
///
/// Nothing is added that is there already, so `bytes_total`, `bytes` and a counter `bytes` with the
/// unit bytes are one.
pub(crate) fn family_name(kind: Kind, base: &str, unit: Option<Unit>) -> String {
    let stem = match kind {
        Kind::Counter => base.strip_suffix("_total").unwrap_or(base),
        _ => base,
    };
    let mut name = stem.to_owned();
    if let Some(unit) = unit.and_then(unit_suffix) {
        let said = stem == unit
            || stem
                .strip_suffix(unit)
                .is_some_and(|rest| rest.ends_with('_'));
        if !said {
            name.push('_');
            name.push_str(unit);
        }
    }
    if kind == Kind::Counter {
        name.push_str("_total");
    }
    name
}

/// Percentages are called ratios, as metrics-exporter-prometheus does; a bare count has no unit.
fn unit_suffix(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Count => None,
        Unit::Percent => Some("ratio"),
        unit => Some(unit.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_name_for_every_way_to_write_it() {
        for raw in ["a_total", "a.total", "a-total", "a"] {
            assert_eq!(
                family_name(Kind::Counter, &metric_name(raw), None),
                "a_total"
            );
        }
    }

    #[test]
    fn units_and_total_are_added_once() {
        let table = [
            (
                Kind::Counter,
                "io_total",
                Some(Unit::Bytes),
                "io_bytes_total",
            ),
            (
                Kind::Counter,
                "io_bytes",
                Some(Unit::Bytes),
                "io_bytes_total",
            ),
            (
                Kind::Counter,
                "io_bytes_total",
                Some(Unit::Bytes),
                "io_bytes_total",
            ),
            (Kind::Counter, "io", Some(Unit::Count), "io_total"),
            (Kind::Gauge, "seconds", Some(Unit::Seconds), "seconds"),
            (
                Kind::Gauge,
                "milliseconds",
                Some(Unit::Seconds),
                "milliseconds_seconds",
            ),
            (Kind::Gauge, "load", Some(Unit::Percent), "load_ratio"),
            (Kind::Gauge, "io_total", None, "io_total"),
            (Kind::Histogram, "account", None, "account"),
            (Kind::Histogram, "check_sum", None, "check_sum"),
            (Kind::Histogram, "wait", Some(Unit::Seconds), "wait_seconds"),
        ];
        for (kind, base, unit, expected) in table {
            assert_eq!(family_name(kind, base, unit), expected);
        }
    }

    #[test]
    fn names_that_belong_to_prometheus_give_way() {
        assert_eq!(label_name("__name__"), "exported___name__");
        assert_eq!(label_name("a.b"), "a_b");
        assert_eq!(label_name("1"), "_1");
        assert_eq!(metric_name(""), "_");
        assert_eq!(metric_name("ns:a.b"), "ns:a_b");
        assert_eq!(metric_name("größe"), "gr__e");
    }

    proptest! {
        #[test]
        fn every_name_is_legal(raw: String) {
            let name = metric_name(&raw);
            prop_assert!(!name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty());
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':'));
            prop_assert_eq!(metric_name(&name), name.clone());
            let label = label_name(&raw);
            prop_assert!(!label.starts_with("__") && !label.contains(':'));
        }
    }
}
