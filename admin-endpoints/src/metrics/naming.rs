//! Prometheus names: allowed characters, units, `_total`, and the sample names of a family.
//!
//! Sources: prometheus.io, "Data model" and "Metric and label naming".

use metrics::Unit;

/// The type of a metric family in the exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum MetricType {
    Counter,
    Gauge,
    Histogram,
    Summary,
    /// A family without a TYPE line. Only sources have it.
    Untyped,
}

impl MetricType {
    /// The type as the TYPE line writes it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        }
    }

    /// The type of a TYPE line; unknown ones are untyped.
    pub(super) fn from_type_line(kind: &str) -> Self {
        [Self::Counter, Self::Gauge, Self::Histogram, Self::Summary]
            .into_iter()
            .find(|known| known.as_str() == kind)
            .unwrap_or(Self::Untyped)
    }

    /// The suffixes that the sample names add to the family's name.
    pub(super) fn sample_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter | Self::Gauge | Self::Untyped => &[""],
            Self::Histogram => &["", "_bucket", "_sum", "_count"],
            Self::Summary => &["", "_sum", "_count"],
        }
    }

    /// The label that the type itself uses.
    pub(super) fn reserved_label(self) -> Option<&'static str> {
        match self {
            Self::Histogram => Some("le"),
            Self::Summary => Some("quantile"),
            _ => None,
        }
    }
}

/// A valid metric name: letters, digits, `_` and `:`. Every other character becomes `_`.
///
/// A leading digit gets a `_` before it, so that `1a` and `2a` remain different names.
pub(super) fn metric_name(raw: &str) -> String {
    sanitized(raw, |c| c == ':')
}

/// A valid label name: letters, digits and `_`. Every other character becomes `_`.
///
/// Names that start with `__` are reserved by Prometheus and get the prefix `exported_`.
pub(super) fn label_name(raw: &str) -> String {
    let name = sanitized(raw, |_| false);
    if name.starts_with("__") {
        exported(&name)
    } else {
        name
    }
}

/// The name that Prometheus gives to a label that conflicts with one of its own.
pub(super) fn exported(label: &str) -> String {
    format!("exported_{label}")
}

fn sanitized(raw: &str, is_extra: impl Fn(char) -> bool) -> String {
    let mut name = String::with_capacity(raw.len() + 1);
    if raw.starts_with(|c: char| c.is_ascii_digit()) || raw.is_empty() {
        name.push('_');
    }
    name.extend(raw.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || c == '_' || is_extra(c) => c,
        _ => '_',
    }));
    name
}

/// The name of a family: the sanitised name, its unit, and `_total` if it is a counter.
///
/// Suffixes that are already present are not repeated: `bytes_total`, `bytes` and a counter `bytes`
/// with the unit bytes have the same name.
pub(super) fn family_name(kind: MetricType, base: &str, unit: Option<Unit>) -> String {
    let stem = match kind {
        MetricType::Counter => base.strip_suffix("_total").unwrap_or(base),
        _ => base,
    };
    let mut name = stem.to_owned();
    if let Some(unit) = unit.and_then(unit_suffix) {
        let has_unit = stem == unit
            || stem
                .strip_suffix(unit)
                .is_some_and(|rest| rest.ends_with('_'));
        if !has_unit {
            name.push('_');
            name.push_str(unit);
        }
    }
    if kind == MetricType::Counter {
        name.push_str("_total");
    }
    name
}

/// Percentages have the suffix `ratio`, as in metrics-exporter-prometheus; a count has none.
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
    fn spellings_of_a_counter_share_one_name() {
        for raw in ["a_total", "a.total", "a-total", "a"] {
            assert_eq!(
                family_name(MetricType::Counter, &metric_name(raw), None),
                "a_total"
            );
        }
    }

    #[test]
    fn unit_and_total_are_not_repeated() {
        let table = [
            (
                MetricType::Counter,
                "io_total",
                Some(Unit::Bytes),
                "io_bytes_total",
            ),
            (
                MetricType::Counter,
                "io_bytes",
                Some(Unit::Bytes),
                "io_bytes_total",
            ),
            (
                MetricType::Counter,
                "io_bytes_total",
                Some(Unit::Bytes),
                "io_bytes_total",
            ),
            (MetricType::Counter, "io", Some(Unit::Count), "io_total"),
            (MetricType::Gauge, "seconds", Some(Unit::Seconds), "seconds"),
            (
                MetricType::Gauge,
                "milliseconds",
                Some(Unit::Seconds),
                "milliseconds_seconds",
            ),
            (MetricType::Gauge, "load", Some(Unit::Percent), "load_ratio"),
            (MetricType::Gauge, "io_total", None, "io_total"),
            (MetricType::Histogram, "account", None, "account"),
            (MetricType::Histogram, "check_sum", None, "check_sum"),
            (
                MetricType::Histogram,
                "wait",
                Some(Unit::Seconds),
                "wait_seconds",
            ),
        ];
        for (kind, base, unit, expected) in table {
            assert_eq!(family_name(kind, base, unit), expected);
        }
    }

    #[test]
    fn invalid_and_reserved_names_are_changed() {
        assert_eq!(label_name("__name__"), "exported___name__");
        assert_eq!(label_name("a.b"), "a_b");
        assert_eq!(label_name("1"), "_1");
        assert_eq!(metric_name(""), "_");
        assert_eq!(metric_name("ns:a.b"), "ns:a_b");
        assert_eq!(metric_name("größe"), "gr__e");
    }

    proptest! {
        #[test]
        fn every_name_is_valid(raw: String) {
            let name = metric_name(&raw);
            prop_assert!(!name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty());
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':'));
            prop_assert_eq!(metric_name(&name), name.clone());
            let label = label_name(&raw);
            prop_assert!(!label.starts_with("__") && !label.contains(':'));
        }
    }
}
