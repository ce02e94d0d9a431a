//! Other exporters: as the peer, and as sources.

use std::collections::BTreeMap;

use admin_endpoints::metrics::{Matcher, Recorder, ResetError, Source};
use admin_tests::{Case, cases};
use metrics::{Unit, counter, gauge, histogram};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::{is_own, samples};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        agrees_with_metrics_exporter_prometheus,
        families_of_a_source_are_merged,
        invalid_lines_of_a_source_are_left_out
    ]
}

/// Both recorders get the same records.
fn agrees_with_metrics_exporter_prometheus() {
    let bounds = [0.1, 1.0, 10.0];
    let sizes = Matcher::Suffix("size".into());
    let exporter = PrometheusBuilder::new()
        .with_recommended_naming(true)
        .set_buckets_for_metric(sizes.clone(), &bounds)
        .and_then(|b| b.set_buckets_for_metric(Matcher::Full("lookup".into()), &[2.0]))
        .expect("the bounds are valid")
        .add_global_label("zone", "eu")
        .build_recorder();
    let own = Recorder::builder()
        .buckets_for(sizes, &bounds)
        .buckets_for(Matcher::Full("lookup".into()), &[2.0])
        .global_label("zone", "eu")
        .process_metrics(false)
        .build()
        .expect("the bounds are valid");
    let record = || {
        metrics::describe_counter!("io", Unit::Bytes, "Bytes \\ moved");
        metrics::describe_gauge!("load.now", Unit::Percent, "Load\nnow");
        metrics::describe_histogram!("block.size", Unit::Kibibytes, "Sizes");
        metrics::describe_histogram!("lookup", Unit::Milliseconds, "Lookups");
        for i in 0..200u64 {
            counter!("io", "dir" => if i % 2 == 0 { "in" } else { "out" }).increment(i);
            counter!("plain_total").absolute(i);
            gauge!("load.now", "cpu" => (i % 4).to_string()).increment(0.25 * i as f64);
            gauge!("load.now", "cpu" => "x\"y\nz", "zone" => "us").set(i as f64 / 3.0);
            histogram!("block.size", "kind" => "a").record(0.07 * i as f64);
            histogram!("lookup").record(i as f64 / 50.0);
            // The exporter computes quantiles of its last block of samples only.
            if i < 30 {
                histogram!("quantiles").record_many(i as f64, 2);
            }
        }
    };
    metrics::with_local_recorder(&exporter, record);
    metrics::with_local_recorder(&own, record);

    let (expected, actual) = (exporter.handle().render(), own.render());
    let canonical = |text: &str| -> BTreeMap<String, f64> {
        samples(text)
            .into_iter()
            .filter(|(series, _)| !is_own(series))
            .map(|(series, value)| {
                let mut labels: Vec<_> = series
                    .split_once('{')
                    .map(|(_, labels)| labels.trim_end_matches('}').split(',').collect())
                    .unwrap_or_default();
                labels.sort_unstable();
                let name = series.split('{').next().unwrap_or_default();
                (
                    format!("{name}{labels:?}"),
                    value.parse().expect("a number"),
                )
            })
            .collect()
    };
    let (expected_values, actual_values) = (canonical(&expected), canonical(&actual));
    assert_eq!(
        expected_values.keys().collect::<Vec<_>>(),
        actual_values.keys().collect::<Vec<_>>()
    );
    for (series, value) in &expected_values {
        let own = actual_values[series];
        assert!(
            (value - own).abs() <= 1e-9 * value.abs(),
            "{series}: {value} and {own}"
        );
    }
    // Quantiles and the HELP and TYPE lines are included.
    assert!(expected_values.len() > 25);
    let comments = |text: &str| -> Vec<String> {
        let mut lines: Vec<_> = text
            .lines()
            .filter(|l| l.starts_with('#'))
            .map(str::to_owned)
            .collect();
        lines.retain(|line| !line.contains(" admin_") && !line.contains(" build_info "));
        lines.sort();
        lines
    };
    assert_eq!(comments(&expected), comments(&actual));
}

fn families_of_a_source_are_merged() {
    let exporter = PrometheusBuilder::new().build_recorder();
    let handle = exporter.handle();
    metrics::with_local_recorder(&exporter, || {
        metrics::describe_counter!("both_total", "Described by the source");
        counter!("both_total", "from" => "source").increment(1);
        counter!("both_total", "from" => "ours").increment(100);
        counter!("theirs_total").increment(2);
        gauge!("kind_total").set(1);
        gauge!("process_threads").set(-1);
    });
    let recorder = Recorder::builder()
        .source(handle)
        .build()
        .expect("the defaults are valid");
    metrics::with_local_recorder(&recorder, || {
        counter!("both", "from" => "ours").increment(3);
        counter!("kind").increment(7);
    });
    let text = recorder.render();
    let both: Vec<_> = text
        .lines()
        .filter(|line| line.contains("both_total"))
        .collect();
    assert_eq!(
        both,
        [
            "# HELP both_total Described by the source",
            "# TYPE both_total counter",
            "both_total{from=\"ours\"} 3",
            "both_total{from=\"source\"} 1",
        ]
    );
    let samples = samples(&text);
    assert_eq!(samples["theirs_total"], "2");
    assert_eq!(samples["kind_total"], "7");
    // The source's process metrics replace the recorder's.
    assert_eq!(samples["process_threads"], "-1");
    assert!(
        text.contains(r#"conflicts{kind="gauge",metric="kind_total",taken_by="kind_total"} 1"#)
    );

    let error = recorder.reset().expect_err("the exporter has no reset");
    assert!(
        matches!(&error, ResetError::UnsupportedBySource { name, .. } if name == "metrics-exporter-prometheus")
    );
    assert_eq!(
        recorder
            .render()
            .matches("both_total{from=\"ours\"} 3")
            .count(),
        1
    );
}

/// A source with a fixed text.
struct Text(&'static str);

impl Source for Text {
    fn name(&self) -> &str {
        "text"
    }

    fn render(&self) -> String {
        self.0.to_owned()
    }

    fn can_reset(&self) -> bool {
        true
    }
}

fn invalid_lines_of_a_source_are_left_out() {
    let text = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n\
                # TYPE fine gauge\nfine{a=\"1\",a=\"2\"} 1\nfine 5\nnonsense!\n# EOF\n";
    let recorder = Recorder::builder()
        .source(Text(text))
        .source(Text(
            "# TYPE h_count gauge\nh_count 9\n# TYPE fine gauge\nfine 6\nfine{b=\"1\"} 7\n",
        ))
        .process_metrics(false)
        .build()
        .expect("the defaults are valid");
    let text = recorder.render();
    let shown = samples(&text);
    assert_eq!(shown["h_count"], "1");
    assert_eq!(shown["fine"], "5");
    assert_eq!(shown["fine{b=\"1\"}"], "7");
    assert!(!text.contains("nonsense") && !text.contains("EOF") && !text.contains("a=\"2\""));
    assert!(text.contains(r#"conflicts{kind="gauge",metric="h_count",taken_by="h"} 1"#));
    assert!(recorder.reset().is_ok());
}
