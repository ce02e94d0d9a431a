//! Whether a metric recorded with `histogram!` becomes a histogram or a summary, and with which
//! buckets.

use std::sync::Arc;

use metrics_exporter_prometheus::Matcher;

use super::naming::metric_name;
use super::number::push_f64;
use super::summary::SummarySpec;

/// Bounds for durations in seconds, from half a millisecond to ten seconds.
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
/// # Ok::<(), admin_endpoints::metrics::BuildError>(())
/// ```
pub const LATENCY_BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The bounds of a histogram, and their `le` labels as each of its lines ends.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) upper: Arc<[f64]>,
    /// `le="0.1"} ` for each bound and +Inf.
    pub(crate) le: Box<[Box<[u8]>]>,
}

/// What the samples of one metric are gathered in.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Histogram(Arc<Bounds>),
    Summary(SummarySpec),
}

/// The rules of one recorder, the more specific first.
#[derive(Clone, Debug)]
pub(crate) struct Shapes {
    overrides: Vec<(Matcher, Shape)>,
    default: Option<Shape>,
    summary: SummarySpec,
}

/// Why bounds cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoBounds;

impl Bounds {
    /// Sorted, without duplicates and without +Inf, which goes without saying.
    pub(crate) fn new(bounds: &[f64]) -> Result<Self, NoBounds> {
        let mut upper = bounds.to_vec();
        if upper.iter().any(|bound| bound.is_nan()) {
            return Err(NoBounds);
        }
        upper.retain(|bound| bound.is_finite());
        upper.sort_by(f64::total_cmp);
        upper.dedup();
        if upper.is_empty() {
            return Err(NoBounds);
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

impl Shapes {
    /// `overrides` in any order: a full match counts before a prefix, a prefix before a suffix.
    pub(crate) fn new(
        overrides: impl IntoIterator<Item = (Matcher, Shape)>,
        default: Option<Shape>,
        summary: SummarySpec,
    ) -> Self {
        let mut overrides: Vec<_> = overrides
            .into_iter()
            .map(|(matcher, shape)| (sanitized(matcher), shape))
            .collect();
        overrides.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self {
            overrides,
            default,
            summary,
        }
    }

    /// The shape for a sanitised name: an override, else the default, else latency buckets for
    /// `..._seconds` and a summary for everything else.
    pub(crate) fn of(&self, base: &str, in_seconds: bool) -> Shape {
        let chosen = self
            .overrides
            .iter()
            .find(|(matcher, _)| matcher.matches(base));
        match (chosen, &self.default) {
            (Some((_, shape)), _) | (None, Some(shape)) => shape.clone(),
            (None, None) if in_seconds || base.ends_with("_seconds") => {
                match Bounds::new(&LATENCY_BUCKETS) {
                    Ok(bounds) => Shape::Histogram(Arc::new(bounds)),
                    Err(NoBounds) => Shape::Summary(self.summary.clone()),
                }
            }
            (None, None) => Shape::Summary(self.summary.clone()),
        }
    }
}

/// Matchers are compared with sanitised names, so `cache.lookup` is found as well as
/// `cache_lookup`.
fn sanitized(matcher: Matcher) -> Matcher {
    match matcher {
        Matcher::Full(name) => Matcher::Full(metric_name(&name)),
        Matcher::Prefix(name) => Matcher::Prefix(metric_name(&name)),
        // A suffix may well start with a digit.
        Matcher::Suffix(name) => Matcher::Suffix(metric_name(&format!("_{name}"))[1..].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    fn histogram(bound: f64) -> Shape {
        Shape::Histogram(Arc::new(Bounds::new(&[bound]).unwrap()))
    }

    fn bounds(shape: Shape) -> Vec<f64> {
        match shape {
            Shape::Histogram(bounds) => bounds.upper.to_vec(),
            Shape::Summary(_) => Vec::new(),
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
    fn full_before_prefix_before_suffix_before_default() {
        let overrides = [
            (Matcher::Suffix("size".into()), histogram(3.0)),
            (Matcher::Prefix("a.".into()), histogram(2.0)),
            (Matcher::Full("a.size".into()), histogram(1.0)),
        ];
        let shapes = Shapes::new(overrides, Some(histogram(4.0)), summary());
        assert_eq!(bounds(shapes.of("a_size", false)), [1.0]);
        assert_eq!(bounds(shapes.of("a_b_size", false)), [2.0]);
        assert_eq!(bounds(shapes.of("b_size", false)), [3.0]);
        assert_eq!(bounds(shapes.of("b_seconds", false)), [4.0]);
    }

    #[test]
    fn durations_have_latency_buckets_and_the_rest_quantiles() {
        let shapes = Shapes::new([], None, summary());
        assert_eq!(
            bounds(shapes.of("admin_request_duration_seconds", false)),
            LATENCY_BUCKETS
        );
        assert_eq!(bounds(shapes.of("lookup", true)), LATENCY_BUCKETS);
        assert!(bounds(shapes.of("batch_size", false)).is_empty());
    }

    #[test]
    fn bounds_are_put_in_order() {
        let ordered = Bounds::new(&[5.0, f64::INFINITY, 0.25, 5.0]).unwrap();
        assert_eq!(&*ordered.upper, [0.25, 5.0]);
        let le: Vec<_> = ordered
            .le
            .iter()
            .map(|le| std::str::from_utf8(le).unwrap())
            .collect();
        assert_eq!(le, ["le=\"0.25\"} ", "le=\"5\"} ", "le=\"+Inf\"} "]);
        assert_eq!(Bounds::new(&[]).unwrap_err(), NoBounds);
        assert_eq!(Bounds::new(&[f64::INFINITY]).unwrap_err(), NoBounds);
        assert_eq!(Bounds::new(&[f64::NAN, 1.0]).unwrap_err(), NoBounds);
    }
}
