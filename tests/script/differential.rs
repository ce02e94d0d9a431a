//! Random expressions and statements on the embedded engine against CPython: the same answer, or a
//! refusal.

use std::process::Command;

use admin_endpoints::script::ScriptConfig;
use libtest_mimic::Failed;

use crate::corpus::DATA;
use crate::server::client::Client;

/// How many, unless `ADMIN_SCRIPT_CASES` says otherwise.
const CASES: usize = 20_000;
const SEED: u64 = 20_250_101;
/// The first five are imported by each script, as in `differential.py`.
const MODULES: [&str; 7] = [
    "json",
    "re",
    "math",
    "datetime",
    "collections",
    "itertools",
    "functools",
];
/// Cases in one script. A script that is refused is run again in parts.
const BATCH: usize = 100;

type Case = (String, String);

pub(crate) fn has_no_other_answer() -> Result<(), Failed> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count = number("ADMIN_SCRIPT_CASES").unwrap_or(CASES);
    let seed = number("ADMIN_SCRIPT_SEED").map_or(SEED, |seed| seed as u64);
    let ran = Command::new("python3")
        .args(["-W", "ignore", "differential.py"])
        .args([count.to_string(), seed.to_string()])
        .current_dir(DATA)
        .output()?;
    let cases: Vec<Case> = serde_json::from_slice(&ran.stdout)
        .map_err(|_| String::from_utf8_lossy(&ran.stderr).into_owned())?;
    let client = Client::new(ScriptConfig::default().allow_imports(MODULES));
    let mut report = Report::default();
    for batch in cases.chunks(BATCH) {
        compare(&client, batch, &mut report);
    }
    println!("differential_cases: {count} with seed {seed}");
    println!("differential_refused: {}", report.refused);
    println!("differential_other_answers: {}", report.other.len());
    if report.other.is_empty() {
        Ok(())
    } else {
        Err(report.other.join("\n").into())
    }
}

#[derive(Default)]
struct Report {
    refused: usize,
    other: Vec<String>,
}

fn compare(client: &Client, cases: &[Case], report: &mut Report) {
    let reply = client.run(script(cases).as_bytes());
    if reply.status == 200 {
        let answers: Vec<&str> = reply.text.split('\u{1e}').collect();
        for ((source, wanted), got) in cases.iter().zip(answers) {
            // An exception is a refusal that a script can catch.
            if got.starts_with('!') && !wanted.starts_with('!') {
                report.refused += 1;
            } else if wanted != got {
                report
                    .other
                    .push(format!("{source}\n    CPython {wanted:?}, here {got:?}"));
            }
        }
    } else if let [_] = cases {
        report.refused += 1;
    } else {
        let (first, second) = cases.split_at(cases.len() / 2);
        compare(client, first, report);
        compare(client, second, report);
    }
}

fn script(cases: &[Case]) -> String {
    let mut script = format!("import {}\nout = []\n", MODULES[..5].join(", "));
    for (source, _) in cases {
        script.push_str("try:\n");
        for line in source.lines() {
            script.push_str(&format!("  {line}\n"));
        }
        script.push_str(
            "  out.append(str(x))\nexcept Exception as e:\n  out.append('!' + type(e).__name__)\n",
        );
    }
    script.push_str("result = '\\x1e'.join(out)");
    script
}
