//! The CPython engine against the same interpreter without a sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use admin_endpoints::script::{Engine, ScriptConfig};
use admin_tests::Case;
use libtest_mimic::Failed;

use crate::corpus::{DATA, scripts};
use crate::server::client::{ALLOWED, Client, python};

const SAME_STATUS: f64 = 0.99;
const SAME_TEXT: f64 = 0.98;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("cpython_agrees_on_ordinary_scripts", || {
            let file = "ordinary.py.txt";
            agrees(file, imported(&read(file)?), &[])
        }),
        Case::new("cpython_agrees_on_scripts_of_operators", || {
            let file = "operators.py.txt";
            agrees(file, imported(&read(file)?), &[])
        }),
        Case::new("cpython_agrees_on_the_corpus", || {
            agrees("corpus.py.txt", ALLOWED.map(str::to_owned), &ALLOWED)
        }),
    ]
}

pub(crate) fn read(file: &str) -> io::Result<String> {
    fs::read_to_string(Path::new(DATA).join(file))
}

/// Compares scripts that may import `imports` with an interpreter that has these rules, or with one
/// that has no rules.
fn agrees(
    file: &str,
    imports: impl IntoIterator<Item = String>,
    rules: &[&str],
) -> Result<(), Failed> {
    let corpus = read(file)?;
    let expected = in_one_namespace(file, rules)?;
    let config = ScriptConfig::default().engine(Engine::cpython(python()));
    let client = Client::new(config.allow_imports(imports));
    let (mut count, mut texts, mut statuses) = (0_u32, 0_u32, 0_u32);
    let mut differing = Vec::new();
    for (name, source) in scripts(&corpus) {
        let reply = client.run(source.as_bytes());
        let (status, text) = expected.get(name).ok_or("another corpus was run")?;
        count += 1;
        statuses += u32::from(*status == reply.status);
        texts += u32::from(*text == reply.text);
        if (*status, text) != (reply.status, &reply.text) {
            differing.push(format!(
                "{name}: CPython {status} {text:?}\n    here {} {:?}",
                reply.status, reply.text
            ));
        }
    }
    let share = |part: u32| f64::from(part) / f64::from(count);
    println!("{file}: {count} scripts");
    println!("cpython_same_text: {:.3}", share(texts));
    println!("cpython_same_status: {:.3}", share(statuses));
    let differing = differing.join("\n");
    println!("{differing}");
    if share(texts) < SAME_TEXT || share(statuses) < SAME_STATUS {
        return Err(differing.into());
    }
    Ok(())
}

/// What the interpreter answers, as `one_namespace.py` runs it.
pub(crate) fn in_one_namespace(
    file: &str,
    rules: &[&str],
) -> Result<BTreeMap<String, (u16, String)>, Failed> {
    let ran = Command::new(python())
        .args(["-B", "-W", "ignore", "one_namespace.py", file])
        .args(rules)
        .current_dir(DATA)
        .env("TZ", "UTC")
        .output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&ran.stdout)?)
}

/// The modules that scripts of a corpus import, and that exist.
pub(crate) fn imported(corpus: &str) -> BTreeSet<String> {
    let lines = corpus.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        (first == "import" || first == "from").then(|| words.next())?
    });
    lines
        .map(|name| name.trim_end_matches(',').to_owned())
        .collect()
}
