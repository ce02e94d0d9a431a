//! The text of `/metrics`, checked by promtool and against metrics-exporter-prometheus.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use admin_endpoints::metrics::{Matcher, Recorder, ResetError, Source};
use metrics::{Unit, counter, gauge, histogram};
use metrics_exporter_prometheus::PrometheusBuilder;

/// Values by the name and labels before them.
fn samples(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .collect()
}

fn recorder() -> Recorder {
    Recorder::builder().build().expect("the defaults are valid")
}

/// Fails if promtool reports an error or a warning.
fn assert_promtool_accepts(text: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed: apt-get install prometheus");
    let mut input = promtool.stdin.take().expect("stdin is a pipe");
    input
        .write_all(text.as_bytes())
        .expect("promtool reads its input");
    drop(input);
    let output = promtool.wait_with_output().expect("promtool exits");
    let messages = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success() && messages.is_empty(),
        "promtool: {}\n{text}",
        String::from_utf8_lossy(&messages)
    );
}

#[test]
fn spellings_of_a_counter_are_one_family() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        for (i, raw) in ["a_total", "a.total", "a-total"].into_iter().enumerate() {
            metrics::describe_counter!(raw, "One counter");
            counter!(raw).increment(1 + i as u64);
        }
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    assert_eq!(samples(&text)["a_total"], "6");
}

#[test]
fn colliding_label_names_stay_unique() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_gauge!("labels", "Names with one sanitised form");
        gauge!("labels", "a.b" => "1", "a-b" => "2", "__name__" => "3", "" => "4", "9" => "5")
            .set(1);
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let series = r#"labels{_="4",_9="5",a_b="2",exported___name__="3",exported_a_b="1"}"#;
    assert_eq!(samples(&text)[series], "1");
}

#[test]
fn reserved_labels_are_renamed() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_histogram!("request_seconds", "A histogram");
        histogram!("request_seconds", "le" => "mine").record(0.3);
        metrics::describe_histogram!("size", Unit::Bytes, "A summary");
        histogram!("size", "quantile" => "mine").record(10.0);
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let samples = samples(&text);
    let bucket = r#"request_seconds_bucket{exported_le="mine",le="+Inf"}"#;
    assert_eq!(samples[bucket], "1");
    let count = r#"size_bytes_count{exported_quantile="mine"}"#;
    assert_eq!(samples[count], "1");
}

#[test]
fn names_like_sample_suffixes_are_kept() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        for name in ["account", "check_sum"] {
            metrics::describe_histogram!(name, "Ends like a sample of a summary");
            histogram!(name).record(1.0);
        }
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let samples = samples(&text);
    assert_eq!(samples["account_count"], "1");
    assert_eq!(samples["account_sum"], "1");
    assert_eq!(samples["check_sum_sum"], "1");
}

#[test]
fn name_conflicts_are_reported() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_histogram!("account", "Uses account_sum");
        histogram!("account").record(1.0);
        metrics::describe_histogram!("request_seconds", "Uses request_seconds_count");
        histogram!("request_seconds").record(1.0);
        metrics::describe_gauge!("twice", "First");
        metrics::describe_counter!("twice_total", "Another name");
        gauge!("twice").set(1);
        histogram!("twice").record(1.0);
        counter!("twice_total").increment(1);
        gauge!("account_sum").set(5);
        gauge!("request_seconds_count").set(5);
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let samples = samples(&text);
    assert_eq!(samples["account_sum"], "1");
    assert_eq!(samples["twice"], "1");
    assert_eq!(samples["twice_total"], "1");
    let conflicts = text
        .lines()
        .filter(|line| line.starts_with("admin_metrics_conflicts{"));
    assert!(conflicts.eq([
        r#"admin_metrics_conflicts{kind="gauge",metric="account_sum",taken_by="account"} 1"#,
        r#"admin_metrics_conflicts{kind="gauge",metric="request_seconds_count",taken_by="request_seconds"} 1"#,
        r#"admin_metrics_conflicts{kind="summary",metric="twice",taken_by="twice"} 1"#,
    ]));
}

#[test]
fn every_label_value_is_escaped() {
    let recorder = recorder();
    let controls: String = (0..32u8).map(char::from).collect();
    let values = [
        "\\",
        "\"",
        "\n",
        "\\n",
        "\\\"",
        "\u{7f}",
        "é\u{2028}",
        &controls,
        "}",
        ",",
        "=",
    ];
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_gauge!("values", "Back\\slash, \"quotes\"\nand a line feed");
        for (i, value) in values.into_iter().enumerate() {
            gauge!("values", "value" => value.to_owned(), "i" => i.to_string()).set(i as f64);
        }
        gauge!("values", "long" => "x".repeat(1 << 20)).set(1);
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let shown = text.lines().filter(|line| line.starts_with("values{"));
    assert_eq!(shown.count(), values.len() + 1);
    assert!(text.contains(r#"values{i="4",value="\\\""} 4"#));
}

#[test]
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

#[test]
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

#[test]
fn text_does_not_depend_on_registration_order() {
    let record = |order: &[usize]| {
        let builder = Recorder::builder().process_metrics(false);
        let recorder = builder.build().expect("the defaults are valid");
        metrics::with_local_recorder(&recorder, || {
            for i in order {
                counter!(format!("c{}", i % 7), "i" => format!("{:03}", i)).increment(*i as u64);
                if i % 50 == 0 {
                    assert!(recorder.scrape().all(|chunk| chunk.is_ok()));
                }
            }
        });
        recorder.render()
    };
    let up: Vec<_> = (0..500).collect();
    let down: Vec<_> = (0..500).rev().collect();
    let text = record(&up);
    assert_eq!(text, record(&down));
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with('c')).collect();
    assert!(lines.is_sorted() && lines.len() == 500);
}

#[test]
fn chunks_are_small_and_end_with_a_line() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        for i in 0..5_000 {
            counter!("many", "i" => i.to_string(), "more" => "some text to fill the line")
                .increment(1);
            histogram!("wait_seconds", "i" => i.to_string()).record(1.0);
        }
    });
    let chunks: Result<Vec<_>, _> = recorder.scrape().collect();
    let chunks = chunks.expect("there is memory");
    assert!(chunks.len() > 50);
    for chunk in &chunks {
        assert!(
            chunk.ends_with(b"\n") && chunk.len() < 72 * 1024,
            "{}",
            chunk.len()
        );
    }
}

/// Both recorders get the same records.
#[test]
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
            .filter(|(series, _)| !series.starts_with("admin_"))
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
        lines.retain(|line| !line.contains("admin_"));
        lines.sort();
        lines
    };
    assert_eq!(comments(&expected), comments(&actual));
}

#[test]
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

#[test]
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

#[test]
fn late_unit_renames_the_family() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        counter!("io", "dir" => "in").increment(5);
        metrics::describe_counter!("io", Unit::Bytes, "Bytes moved");
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    assert_eq!(samples(&text)[r#"io_bytes_total{dir="in"}"#], "5");
    assert!(!text.contains("io_total"));
}

#[test]
fn reset_keeps_every_series() {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        let io = counter!("io", "dir" => "in");
        let level = gauge!("level");
        let wait = histogram!("wait_seconds");
        let size = histogram!("size");
        io.increment(5);
        level.set(-2.5);
        wait.record(0.5);
        size.record(3.0);
        let before = recorder.render();
        let report = recorder.reset().expect("no thread is recording");
        assert_eq!(report.series, 4);
        let after = recorder.render();
        let series = |text| {
            samples(text)
                .into_keys()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(series(&before), series(&after));
        for (series, value) in samples(&after) {
            if series.starts_with("process_") || series.starts_with("admin_") {
                continue;
            }
            let empty = if series.contains("quantile=") {
                "NaN"
            } else {
                "0"
            };
            assert_eq!(value, empty, "{series}");
        }
        io.increment(1);
        level.increment(1);
        wait.record(0.5);
        size.record(3.0);
        let text = recorder.render();
        let shown = samples(&text);
        assert_eq!(shown[r#"io_total{dir="in"}"#], "1");
        assert_eq!(shown["level"], "1");
        assert_eq!(shown["wait_seconds_sum"], "0.5");
        assert_eq!(shown["size_count"], "1");
    });
}

#[test]
fn state_metrics_keep_their_value() {
    let builder = Recorder::builder().keep_on_reset(Matcher::Prefix("state_".into()));
    let recorder = builder.build().expect("the defaults are valid");
    metrics::with_local_recorder(&recorder, || {
        gauge!("state_open").set(1);
        gauge!("periodic_thread_active", "name" => "beat").set(1);
        gauge!("periodic_thread_last_run_timestamp_seconds", "name" => "beat").set(17.5);
        recorder.reset().expect("no thread is recording");
    });
    let text = recorder.render();
    let shown = samples(&text);
    assert_eq!(shown["state_open"], "1");
    assert_eq!(shown[r#"periodic_thread_active{name="beat"}"#], "1");
    assert_eq!(
        shown[r#"periodic_thread_last_run_timestamp_seconds{name="beat"}"#],
        "17.5"
    );
}

#[test]
fn series_beyond_the_limit_are_rejected() {
    let recorder = Recorder::builder()
        .series_limit(10)
        .build()
        .expect("the defaults are valid");
    metrics::with_local_recorder(&recorder, || {
        for i in 0..25 {
            counter!("many", "i" => i.to_string()).increment(1);
        }
        counter!("many", "i" => "3").increment(1);
    });
    let text = recorder.render();
    let shown = samples(&text);
    assert_eq!(shown[r#"many_total{i="3"}"#], "2");
    assert_eq!(shown["admin_metrics_rejected_total"], "15");
    recorder.reset().expect("no thread is recording");
    assert!(
        recorder
            .render()
            .contains("admin_metrics_rejected_total 0\n")
    );
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("many_total{"))
            .count(),
        10
    );
}

#[test]
fn process_and_build_metrics_are_shown() {
    let builder = Recorder::builder()
        .build_info("app.version", "1.2\"3")
        .build_info("app_version", "");
    let text = builder.build().expect("the defaults are valid").render();
    assert_promtool_accepts(&text);
    let shown = samples(&text);
    for name in [
        "cpu_seconds_total",
        "open_fds",
        "max_fds",
        "resident_memory_bytes",
        "threads",
    ] {
        let value: f64 = shown[format!("process_{name}").as_str()]
            .parse()
            .expect("a number");
        assert!(value >= 0.0);
    }
    // The name is that of the executable, whose version and revision are unknown.
    let own = r#"build_info{app_version="1.2\"3",name="metrics_exposition-"#;
    assert!(text.contains(own), "{text}");
    let replaced = Recorder::builder()
        .build_info("name", "app")
        .build_info("version", "2");
    let text = replaced.build().expect("the settings are valid").render();
    assert!(
        text.contains("\nbuild_info{name=\"app\",version=\"2\"} 1\n"),
        "{text}"
    );
}

#[test]
fn invalid_settings_name_the_valid_ones() {
    let error = Recorder::builder()
        .buckets_for(Matcher::Full("x".into()), &[])
        .build();
    assert!(
        error
            .expect_err("no bounds")
            .to_string()
            .contains("Full(\"x\")")
    );
    let error = Recorder::builder().quantiles(&[0.5, 1.5]).build();
    assert!(
        error
            .expect_err("no quantile")
            .to_string()
            .contains("from 0 to 1")
    );
}

#[test]
fn recorder_works_behind_a_fanout() {
    let (own, exporter) = (recorder(), PrometheusBuilder::new().build_recorder());
    let handle = exporter.handle();
    let builder = metrics_util::layers::FanoutBuilder::default();
    let fanout = builder
        .add_recorder(own.clone())
        .add_recorder(exporter)
        .build();
    let hits = metrics::with_local_recorder(&fanout, || counter!("hits"));
    hits.increment(2);
    own.reset().expect("no thread is recording");
    hits.increment(1);
    assert!(own.render().contains("\nhits_total 1\n"));
    assert!(handle.render().contains("hits 3\n"));
}

/// Other tests of this file use recorders that are not installed.
#[test]
fn second_install_is_an_error() {
    let recorder = admin_endpoints::metrics::install().expect("no recorder is installed");
    let error = admin_endpoints::metrics::install().expect_err("a recorder is installed");
    assert!(error.to_string().contains("Recorder::installed()"));
    counter!("installed").increment(1);
    assert!(recorder.render().contains("installed_total 1\n"));
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

#[test]
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
