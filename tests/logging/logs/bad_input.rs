//! Events that are long, binary or hostile: every line is JSON for Python too.

use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};

use admin_tests::{Case, cases};
use tracing::info;

use super::client::Client;
use super::process::process;

pub(crate) fn cases() -> Vec<Case> {
    cases![
        every_line_is_json_for_python,
        values_that_fail_are_marked,
        values_that_log_or_panic_harm_nothing
    ]
}

/// The texts of the lines, as Python reads them: the number of objects.
fn parsed_by_python(text: &str) -> usize {
    let program = "import json,sys\nlines=[line for line in sys.stdin.buffer.read().split(b'\\n') if line]\n\
                   [json.loads(line.decode('utf-8')) for line in lines]\nprint(len(lines))";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    python
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

fn every_line_is_json_for_python() {
    let process = process();
    let query = "filter=off,bad=info&limit=10";
    let mut client = Client::open(process.at(), query, &[]);
    process.take_output();
    let all_controls: String = (0..0xa0).filter_map(char::from_u32).collect();
    info!(target: "bad", "two\nlines\r\nand\ttabs");
    info!(target: "bad", "{all_controls}");
    info!(target: "bad", r"surrogates \ud800 \udc00 as text");
    info!(target: "bad", "{}", String::from_utf8_lossy(b"\xed\xa0\x80 \xff"));
    info!(target: "bad", text = all_controls.as_str(), r#type = "x", nan = f64::NAN, inf = -f64::INFINITY);
    info!(target: "bad", big = i128::MIN, small = f64::MIN_POSITIVE, max = u64::MAX);
    info!(target: "bad", "\u{1f600} \u{10ffff} \u{2028} \u{feff}");
    info!(target: "bad", ten_megabytes = "x".repeat(10_000_000), "{}", "m ".repeat(5_000_000));
    log::info!(target: "bad::\"target\"\n{}", "a target that is not a module");
    info!(target: "bad", "");
    let text = client.rest();
    assert_eq!(parsed_by_python(&text), 11, "{}", text.len());
    assert!(text.len() < 60_000, "{}", text.len());
    let long = text
        .lines()
        .find(|line| line.contains("ten_megabytes"))
        .unwrap();
    let long: serde_json::Value = serde_json::from_str(long).unwrap();
    let message = long["message"].as_str().unwrap();
    assert!(
        message.ends_with("m ... (cut)"),
        "{}",
        &message[message.len() - 20..]
    );
    assert_eq!(message.len(), 16 * 1024 + "... (cut)".len());
    let field = long["fields"]["ten_megabytes"].as_str().unwrap();
    assert!(field.ends_with("... (cut)") && field.len() < 5000);
    process.take_output();
}

fn values_that_fail_are_marked() {
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }
    let levels = process();
    let mut client = Client::open(levels.at(), "filter=off,bad=info&limit=1", &[]);
    let failing = std::panic::catch_unwind(|| info!(target: "bad", value = %Fails, "failing"));
    drop(failing); // a layer of the program may not expect the error
    let record = client.message("failing");
    assert_eq!(record["fields"]["value"], "half... (failed)");
}

fn values_that_log_or_panic_harm_nothing() {
    struct Logs;
    impl fmt::Display for Logs {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            info!(target: "bad::inner", "logged by a value");
            f.write_str("a value")
        }
    }
    let process = process();
    process.take_output();
    info!(target: "bad::logs", value = %Logs, "outer");
    let before = process.take_output();
    let query = "filter=off,bad::logs=info,bad::inner=info&limit=3&seconds=60";
    let mut client = Client::open(process.at(), query, &[]);
    info!(target: "bad::logs", value = %Logs, "outer");
    assert_eq!(process.take_output(), before);
    // Once from the record itself, and once for each of console and file.
    let record = client.message("outer");
    assert_eq!(record["fields"]["value"], "a value");
    assert_eq!(client.message("logged by a value")["target"], "bad::inner");
}
