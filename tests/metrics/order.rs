//! The order of the text, and its chunks.

use admin_endpoints::metrics::Recorder;
use admin_tests::{Case, cases};
use metrics::{counter, histogram};

use crate::recorder;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        text_does_not_depend_on_registration_order,
        chunks_are_small_and_end_with_a_line
    ]
}

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
