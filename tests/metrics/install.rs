//! Recorders: their settings, and where they are installed.

use admin_endpoints::metrics::{Matcher, Recorder};
use admin_tests::{Case, cases};
use metrics::counter;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::recorder;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        invalid_settings_name_the_valid_ones,
        recorder_works_behind_a_fanout,
        second_install_is_an_error
    ]
}

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

fn second_install_is_an_error() {
    let recorder = admin_endpoints::metrics::install().expect("no recorder is installed");
    let error = admin_endpoints::metrics::install().expect_err("a recorder is installed");
    assert!(error.to_string().contains("Recorder::installed()"));
    counter!("installed").increment(1);
    assert!(recorder.render().contains("installed_total 1\n"));
}
