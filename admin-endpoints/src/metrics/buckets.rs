//! Whether a `histogram!` metric is shown as a histogram or as a summary, and with which buckets.

use std::sync::Arc;

use metrics_exporter_prometheus::Matcher;

use super::naming::metric_name;
use super::number::push_f64;
use super::summary::SummarySpec;

/// Bucket bounds for durations in seconds, from 0.5 ms to 10 s.
///
/// ```
/// use admin_endpoints::metrics::{LATENCY_BUCKETS, Recorder};
///
/// let recorder = Recorder::builder().build()?;
/// metrics::with_local_recorder(&recorder, || metrics::histogram!("load_seconds").record(0.003));
/// let text = recorder.render();
/// assert_eq!(text.matches("load_seconds_bucket").count(), LATENCY_BUCKETS.len() + 1); // and +Inf
/// assert!(text.contains("load_seconds_bucket{le=\"0.0025\"} 0\n"));
/// assert!(text.contains("load_seconds_bucket{le=\"0.005\"} 1\n"));
/// # Ok::<(), admin_endpoints::metrics::RecorderBuildError>(())
/// ```
pub const LATENCY_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The bucket bounds of a histogram and the text of their `le` labels.
#[derive(Debug)]
pub(super) struct BucketBounds {
    pub(super) upper: Arc<[f64]>,
    /// `le="0.1"} ` for each bound and +Inf.
    pub(super) le: Box<[Box<[u8]>]>,
}

/// How the samples of one metric are aggregated.
#[derive(Clone, Debug)]
pub(super) enum DistributionKind {
    Histogram(Arc<BucketBounds>),
    Summary(SummarySpec),
}

/// The rules of one recorder, most specific first.
#[derive(Clone, Debug)]
pub(super) struct DistributionRules {
    /// Sorted by precedence.
    overrides: Vec<(Matcher, DistributionKind)>,
    default: Option<DistributionKind>,
    summary: SummarySpec,
}

/// The bounds contain NaN or no finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InvalidBounds;

impl BucketBounds {
    /// Sorts and deduplicates the bounds; +Inf is implied.
    pub(super) fn new(bounds: &[f64]) -> Result<Self, InvalidBounds> {
        let mut upper = bounds.to_vec();
        if upper.iter().any(|bound| bound.is_nan()) {
            return Err(InvalidBounds);
        }
        upper.retain(|bound| bound.is_finite());
        upper.sort_by(f64::total_cmp);
        upper.dedup();
        if upper.is_empty() {
            return Err(InvalidBounds);
        }
        let le = upper
            .iter()
            .copied()
            .chain([f64::INFINITY])
            .map(le)
            .collect();
        Ok(Self {
            upper: upper.into(),
            le,
        })
    }
}

fn le(bound: f64) -> Box<[u8]> {
    let mut text = b"le=\"".to_vec();
    push_f64(&mut text, bound);
    text.extend_from_slice(b"\"} ");
    text.into()
}

impl DistributionRules {
    /// `overrides` in any order: a full match precedes a prefix, a prefix precedes a suffix.
    pub(super) fn new(
        overrides: impl IntoIterator<Item = (Matcher, DistributionKind)>,
        default: Option<DistributionKind>,
        summary: SummarySpec,
    ) -> Self {
        let mut overrides: Vec<_> = overrides
            .into_iter()
            .map(|(matcher, kind)| (sanitized(matcher), kind))
            .collect();
        overrides.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self {
            overrides,
            default,
            summary,
        }
    }

    /// The kind for a sanitised name: an override, else the default, else latency buckets for
    /// `..._seconds` and a summary for everything else.
    pub(super) fn kind_for(&self, base: &str, in_seconds: bool) -> DistributionKind {
        let chosen = self
            .overrides
            .iter()
            .find(|(matcher, _)| matcher.matches(base));
        match (chosen, &self.default) {
            (Some((_, kind)), _) | (None, Some(kind)) => kind.clone(),
            (None, None) if in_seconds || base.ends_with("_seconds") => {
                match BucketBounds::new(LATENCY_BUCKETS) {
                    Ok(bounds) => DistributionKind::Histogram(Arc::new(bounds)),
                    Err(InvalidBounds) => DistributionKind::Summary(self.summary.clone()),
                }
            }
            (None, None) => DistributionKind::Summary(self.summary.clone()),
        }
    }
}

/// Matchers apply to sanitised names, so that `cache.lookup` and `cache_lookup` are equal.
fn sanitized(matcher: Matcher) -> Matcher {
    match matcher {
        Matcher::Full(name) => Matcher::Full(metric_name(&name)),
        Matcher::Prefix(name) => Matcher::Prefix(metric_name(&name)),
        // A suffix may start with a digit.
        Matcher::Suffix(name) => Matcher::Suffix(metric_name(&format!("_{name}"))[1..].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    fn histogram(bound: f64) -> DistributionKind {
        DistributionKind::Histogram(Arc::new(BucketBounds::new(&[bound]).unwrap()))
    }

    fn bounds(kind: DistributionKind) -> Vec<f64> {
        match kind {
            DistributionKind::Histogram(bounds) => bounds.upper.to_vec(),
            DistributionKind::Summary(_) => Vec::new(),
        }
    }

    fn summary() -> SummarySpec {
        SummarySpec {
            quantiles: Arc::default(),
            window: Duration::from_secs(20),
            windows: NonZeroU32::MIN,
        }
    }

    #[test]
    fn most_specific_matcher_takes_precedence() {
        let overrides = [
            (Matcher::Suffix("size".into()), histogram(3.0)),
            (Matcher::Prefix("a.".into()), histogram(2.0)),
            (Matcher::Full("a.size".into()), histogram(1.0)),
        ];
        let rules = DistributionRules::new(overrides, Some(histogram(4.0)), summary());
        assert_eq!(bounds(rules.kind_for("a_size", false)), [1.0]);
        assert_eq!(bounds(rules.kind_for("a_b_size", false)), [2.0]);
        assert_eq!(bounds(rules.kind_for("b_size", false)), [3.0]);
        assert_eq!(bounds(rules.kind_for("b_seconds", false)), [4.0]);
    }

    #[test]
    fn durations_are_histograms_and_others_summaries() {
        let rules = DistributionRules::new([], None, summary());
        assert_eq!(
            bounds(rules.kind_for("admin_request_duration_seconds", false)),
            LATENCY_BUCKETS
        );
        assert_eq!(bounds(rules.kind_for("lookup", true)), LATENCY_BUCKETS);
        assert!(bounds(rules.kind_for("batch_size", false)).is_empty());
    }

    #[test]
    fn bounds_are_sorted_and_validated() {
        let ordered = BucketBounds::new(&[5.0, f64::INFINITY, 0.25, 5.0]).unwrap();
        assert_eq!(&*ordered.upper, [0.25, 5.0]);
        let le: Vec<_> = ordered
            .le
            .iter()
            .map(|le| std::str::from_utf8(le).unwrap())
            .collect();
        assert_eq!(le, ["le=\"0.25\"} ", "le=\"5\"} ", "le=\"+Inf\"} "]);
        assert_eq!(BucketBounds::new(&[]).unwrap_err(), InvalidBounds);
        assert_eq!(
            BucketBounds::new(&[f64::INFINITY]).unwrap_err(),
            InvalidBounds
        );
        assert_eq!(
            BucketBounds::new(&[f64::NAN, 1.0]).unwrap_err(),
            InvalidBounds
        );
    }
}
