//! Series: reset, kept, limited, of the process.

use admin_endpoints::metrics::{Matcher, Recorder};
use admin_tests::{Case, cases};
use metrics::{counter, gauge, histogram};

use crate::{assert_promtool_accepts, is_own, recorder, samples};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        reset_keeps_every_series,
        state_metrics_keep_their_value,
        series_beyond_the_limit_are_rejected,
        process_and_build_metrics_are_shown,
        a_program_may_have_build_info_too
    ]
}

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
            if is_own(series) {
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

fn state_metrics_keep_their_value() {
    const GAUGES: [&str; 9] = [
        "admin_tls_client_ca_not_after_seconds",
        "admin_tls_not_after_seconds",
        "admin_user_runtime_blocked",
        "admin_user_runtime_threads",
        "health_check_healthy",
        "periodic_thread_active",
        "periodic_thread_fault",
        "periodic_thread_last_run_timestamp_seconds",
        "state_open",
    ];
    let builder = Recorder::builder().keep_on_reset(Matcher::Prefix("state_".into()));
    let recorder = builder.build().expect("the defaults are valid");
    metrics::with_local_recorder(&recorder, || {
        for name in GAUGES {
            gauge!(name, "of" => "one").set(17.5);
        }
        recorder.reset().expect("no thread is recording");
    });
    let text = recorder.render();
    let shown = samples(&text);
    for name in GAUGES {
        let series = format!("{name}{{of=\"one\"}}");
        assert_eq!(shown[&*series], "17.5", "{name}");
    }
}

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
    let own = r#"build_info{app_version="1.2\"3",name="metrics-"#;
    assert!(text.contains(own), "{text}");
    let replaced = Recorder::builder()
        .build_info("name", "app")
        .build_info("version", "2");
    let text = replaced.build().expect("the settings are valid").render();
    assert!(
        text.contains("\nbuild_info{name=\"app\",version=\"2\",revision=\"\"} 1\n"),
        "{text}"
    );
}

fn a_program_may_have_build_info_too() {
    let recorder = Recorder::builder().build().expect("the defaults are valid");
    metrics::with_local_recorder(&recorder, || {
        gauge!("build_info", "commit" => "1f40c2e").set(1.0);
    });
    let text = recorder.render();
    assert_promtool_accepts(&text);
    let series = text.lines().filter(|line| line.starts_with("build_info{"));
    assert_eq!(series.count(), 2, "{text}");
}
