//! Random expressions and statements on the embedded engine against CPython: the same answer, or a
//! refusal.

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use admin_endpoints::script::ScriptConfig;
use libtest_mimic::Failed;

use crate::corpus::DATA;
use crate::server::client::Client;

/// How many, unless `ADMIN_SCRIPT_CASES` says otherwise.
const CASES: usize = 20_000;
const SEED: u64 = 20_250_101;
const MODULES: [&str; 7] = [
    "json",
    "re",
    "math",
    "datetime",
    "collections",
    "itertools",
    "functools",
];
/// Cases in one script, which runs again without each case that is refused.
const BATCH: usize = 40;

/// A source, and what CPython makes of it.
type Case = (String, String);

pub(crate) fn has_no_other_answer() -> Result<(), Failed> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count = number("ADMIN_SCRIPT_CASES").unwrap_or(CASES);
    let seed = number("ADMIN_SCRIPT_SEED").map_or(SEED, |seed| seed as u64);
    let cases = cases(count, seed)?;
    let report = run_all(cases)?;
    println!("differential_cases: {count} with seed {seed}");
    println!("differential_refused: {}", report.refused);
    println!(
        "differential_refused_without_name: {}",
        report.unnamed.len()
    );
    println!("differential_other_answers: {}", report.other.len());
    let mut wrong = report.other;
    wrong.extend(report.unnamed);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// Cases with CPython's answers, without those that depend on how it hashes texts in this process.
fn cases(count: usize, seed: u64) -> Result<Vec<Case>, Failed> {
    let [first, second] = ["1", "2"].map(|hash_seed| {
        Command::new("python3")
            .args(["-W", "ignore", "differential.py"])
            .args([count.to_string(), seed.to_string()])
            .env("PYTHONHASHSEED", hash_seed)
            .current_dir(DATA)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    });
    let answers = |started: io::Result<Child>| -> Result<Vec<Case>, Failed> {
        let ran = started?.wait_with_output()?;
        serde_json::from_slice(&ran.stdout)
            .map_err(|_| String::from_utf8_lossy(&ran.stderr).into_owned().into())
    };
    let (first, second) = (answers(first)?, answers(second)?);
    let same = first.into_iter().zip(second);
    Ok(same
        .filter(|(first, second)| first == second)
        .map(|(first, _)| first)
        .collect())
}

#[derive(Default)]
struct Report {
    refused: usize,
    /// Refusals that name no feature.
    unnamed: Vec<String>,
    other: Vec<String>,
}

/// Runs all cases on each processor. Similar ones share a script, so that few scripts are rewritten
/// for what another case contains.
fn run_all(mut cases: Vec<Case>) -> Result<Report, Failed> {
    cases.sort();
    let (bare, caught): (Vec<Case>, Vec<Case>) = cases
        .into_iter()
        .partition(|(source, wanted)| !source.contains("try:") && !wanted.starts_with('!'));
    let batches = bare.chunks(BATCH).map(|batch| (batch, false));
    let batches = batches.chain(caught.chunks(BATCH).map(|batch| (batch, true)));
    let queue = Mutex::new(batches);
    let report = Mutex::new(Report::default());
    let client = Client::new(ScriptConfig::default().allow_imports(MODULES));
    let workers = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((batch, catches)) = next(&queue) {
                    compare(&client, batch.iter().collect(), catches, &report);
                }
            });
        }
    });
    Ok(report.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.next()
}

fn compare(client: &Client, mut cases: Vec<&Case>, catches: bool, report: &Mutex<Report>) {
    while !cases.is_empty() {
        let (script, lines) = script(&cases, catches);
        let reply = client.run(script.as_bytes());
        if reply.status == 200 {
            let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
            return report.add_answers(&cases, &reply.text);
        }
        let at = match refused_line(&reply.text) {
            Some(line) => lines.partition_point(|first| *first <= line) - 1,
            None if cases.len() == 1 => 0,
            None => {
                let second = cases.split_off(cases.len() / 2);
                compare(client, second, catches, report);
                continue;
            }
        };
        let (source, wanted) = cases.remove(at);
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.refused += 1;
        if !reply.text.contains("does not support") {
            let text = reply.text;
            let line = format!("{source}\n    CPython {wanted:?}, refused with {text:?}");
            report.unnamed.push(line);
        }
    }
}

impl Report {
    fn add_answers(&mut self, cases: &[&Case], text: &str) {
        for ((source, wanted), got) in cases.iter().zip(text.split('\u{1e}')) {
            if wanted == got {
                continue;
            }
            let line = format!("{source}\n    CPython {wanted:?}, here {got:?}");
            // An exception is a refusal that a script can catch.
            if got.starts_with('!') && !wanted.starts_with('!') {
                self.refused += 1;
                self.unnamed.push(line);
            } else {
                self.other.push(line);
            }
        }
    }
}

/// `(line 5)` at the end of a refusal.
fn refused_line(text: &str) -> Option<usize> {
    let (_, line) = text.rsplit_once("(line ")?;
    line.strip_suffix(')')?.parse().ok()
}

/// One script of several cases, and the first line of each.
fn script(cases: &[&Case], catches: bool) -> (String, Vec<usize>) {
    let mut script = String::new();
    for module in MODULES {
        let read = format!("{module}.");
        if cases.iter().any(|(source, _)| source.contains(&read)) {
            script.push_str(&format!("import {module}\n"));
        }
    }
    script.push_str("said_here = []\n");
    let mut lines = Vec::new();
    for (source, _) in cases {
        lines.push(script.matches('\n').count() + 1);
        let (begin, indent, end) = if catches {
            let end = "except Exception as e:\n  said_here.append('!' + type(e).__name__)\n";
            ("try:\n", "  ", end)
        } else {
            ("", "", "")
        };
        script.push_str(begin);
        for line in source.lines() {
            script.push_str(&format!("{indent}{line}\n"));
        }
        script.push_str(&format!("{indent}said_here.append(str(x))\n{end}"));
    }
    script.push_str("result = '\\x1e'.join(said_here)");
    (script, lines)
}
