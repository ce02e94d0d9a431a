//! Values that are not usual numbers.

use admin_endpoints::metrics::{Matcher, Recorder};
use admin_tests::{Case, cases};
use metrics::{counter, gauge, histogram};

use crate::{assert_promtool_accepts, recorder, samples};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        special_numbers_are_valid_values,
        nan_samples_are_counted_apart,
        floats_of_all_kinds_leave_the_rest_readable
    ]
}

fn special_numbers_are_valid_values() {
    let recorder = recorder();
    let numbers = [
        (f64::NAN, "NaN"),
        (f64::INFINITY, "+Inf"),
        (f64::NEG_INFINITY, "-Inf"),
        (5e-324, "5e-324"),
        (1e300, "1e300"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
    ];
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_counter!("large", "A counter");
        counter!("large").increment(u64::MAX);
        metrics::describe_gauge!("number", "A gauge");
        metrics::describe_histogram!("request_seconds", "A histogram");
        metrics::describe_histogram!("size", "A summary");
        for (i, (number, _)) in numbers.into_iter().enumerate() {
            gauge!("number", "i" => i.to_string()).set(number);
            histogram!("request_seconds").record(number);
            histogram!("size").record(number);
        }
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let samples = samples(&text);
    assert_eq!(samples["large_total"], "18446744073709551615");
    for (i, (_, expected)) in numbers.into_iter().enumerate() {
        assert_eq!(samples[format!("number{{i=\"{i}\"}}").as_str()], expected);
    }
    assert_eq!(samples["size_count"], numbers.len().to_string());
}

fn nan_samples_are_counted_apart() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_histogram!("size", "A summary");
        metrics::describe_histogram!("wait_seconds", "A histogram");
        for value in 1..=9 {
            histogram!("size").record(f64::from(value));
            histogram!("wait_seconds").record(f64::from(value));
        }
        histogram!("size", "a" => "b").record(f64::NAN);
        histogram!("size").record(f64::NAN);
        histogram!("wait_seconds").record(f64::NAN);
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let shown = samples(&text);
    for name in ["size", "wait_seconds"] {
        assert_eq!(shown[format!("{name}_count").as_str()], "10");
        assert_eq!(shown[format!("{name}_sum").as_str()], "45");
    }
    let median: f64 = shown[r#"size{quantile="0.5"}"#].parse().expect("a number");
    assert!((median - 5.0).abs() < 0.01, "{median}");
    assert_eq!(shown[r#"wait_seconds_bucket{le="10"}"#], "9");
    let nan_samples = |text: &str| {
        let counts = samples(text);
        ["size", "wait_seconds"].map(|metric| {
            counts[format!("admin_metrics_nan_samples_total{{metric=\"{metric}\"}}").as_str()]
                .to_owned()
        })
    };
    assert_eq!(nan_samples(&text), ["2", "1"]);
    recorder.reset().expect("no thread is recording");
    assert_eq!(nan_samples(&recorder.render()), ["0", "0"]);
}

/// Samples of all kinds of floats, alone and in each order of two and three.
fn float_sequences() -> Vec<Vec<f64>> {
    let floats = [
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        5e-324,
        f64::MAX,
        -1.5,
    ];
    let mut sequences: Vec<Vec<f64>> = floats.iter().map(|float| vec![*float]).collect();
    for first in floats {
        for second in floats {
            sequences.push(vec![first, second]);
            sequences.push(vec![1.0, first, second, 2.0]);
        }
    }
    sequences
}

fn floats_of_all_kinds_leave_the_rest_readable() {
    let recorder = Recorder::builder()
        .summary_for(Matcher::Prefix("s_".to_owned()))
        .build()
        .expect("valid");
    let sequences = float_sequences();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_histogram!("s_wait", "Samples of a summary");
        metrics::describe_histogram!("h_wait", "Samples of a histogram");
        metrics::describe_gauge!("g_level", "The last sample");
        for (at, sequence) in sequences.iter().enumerate() {
            let labels = [("i", at.to_string())];
            for sample in sequence {
                histogram!("s_wait", &labels).record(*sample);
                histogram!("h_wait", &labels).record(*sample);
                gauge!("g_level", &labels).set(*sample);
            }
        }
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let value = |series: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(series))?;
        line.trim().parse().ok()
    };
    for (at, sequence) in sequences.iter().enumerate() {
        let finite = sequence.iter().filter(|sample| sample.is_finite());
        let numbers: Vec<f64> = sequence
            .iter()
            .copied()
            .filter(|sample| !sample.is_nan())
            .collect();
        for name in ["s_wait", "h_wait"] {
            let count = value(&format!("{name}_count{{i=\"{at}\"}}"));
            assert_eq!(count, Some(sequence.len() as f64), "{name} {sequence:?}");
            let sum = value(&format!("{name}_sum{{i=\"{at}\"}}")).expect("a sum");
            let expected: f64 = numbers.iter().sum();
            let same =
                (sum.is_nan() && expected.is_nan()) || (sum - expected).abs() <= f64::EPSILON;
            assert!(
                same || sum == expected,
                "{name} {sequence:?}: {sum}, not {expected}"
            );
        }
        let median = value(&format!("s_wait{{i=\"{at}\",quantile=\"0.5\"}}"));
        if finite.clone().count() == sequence.len() && sequence.len() == 4 {
            let lowest = finite.clone().copied().fold(f64::MAX, f64::min);
            let median = median.expect("a median");
            assert!(median >= lowest.min(0.0) * 1.01, "{sequence:?}: {median}");
        }
        // NaN beside two ordinary samples does not make the quantiles 0.
        if sequence.len() == 4 && sequence[1..3].iter().all(|sample| sample.is_nan()) {
            assert!(
                median.is_some_and(|median| (0.99..2.01).contains(&median)),
                "{median:?}"
            );
        }
        let gauge = value(&format!("g_level{{i=\"{at}\"}}"));
        let last = sequence.last().copied();
        assert!(
            gauge == last || last.is_some_and(f64::is_nan),
            "{sequence:?}: {gauge:?}"
        );
    }
    let nan = text
        .lines()
        .filter(|line| line.contains("nan") && !line.starts_with('#'));
    assert!(nan.count() >= 2, "{text}");
}
