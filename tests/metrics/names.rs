//! Names and labels of the exposition.

use admin_tests::{Case, cases};
use metrics::{Unit, counter, gauge, histogram};

use crate::{assert_promtool_accepts, recorder, samples};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        spellings_of_a_counter_are_one_family,
        colliding_label_names_stay_unique,
        reserved_labels_are_renamed,
        names_like_sample_suffixes_are_kept,
        name_conflicts_are_reported,
        every_label_value_is_escaped,
        late_unit_renames_the_family
    ]
}

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
    assert_eq!(samples["admin_metrics_not_shown"], "3");
    let conflicts = text
        .lines()
        .filter(|line| line.starts_with("admin_metrics_conflicts{"));
    assert!(conflicts.eq([
        r#"admin_metrics_conflicts{kind="gauge",metric="account_sum",taken_by="account"} 1"#,
        r#"admin_metrics_conflicts{kind="gauge",metric="request_seconds_count",taken_by="request_seconds"} 1"#,
        r#"admin_metrics_conflicts{kind="summary",metric="twice",taken_by="twice"} 1"#,
    ]));
}

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
