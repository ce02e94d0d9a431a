//! Metrics: their text, checked by promtool and against metrics-exporter-prometheus, over HTTP, and
//! as Prometheus stores them.

mod http;
mod install;
mod names;
mod order;
mod prometheus;
mod series;
mod sources;
mod values;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

use admin_endpoints::metrics::Recorder;
use admin_tests::run_cases;

fn main() -> ExitCode {
    let mut cases = http::cases();
    cases.extend(install::cases());
    cases.extend(names::cases());
    cases.extend(order::cases());
    cases.extend(prometheus::cases());
    cases.extend(series::cases());
    cases.extend(sources::cases());
    cases.extend(values::cases());
    run_cases(cases, Vec::new())
}

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

/// Whether it is about the process and the recorder, not recorded by a test.
fn is_own(series: &str) -> bool {
    let names = ["admin_", "build_info{", "process_"];
    names.iter().any(|name| series.starts_with(name))
}
