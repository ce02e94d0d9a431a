//! The corpus against CPython by the original's rules.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;

use crate::server::client::Client;

pub(crate) const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/script");

/// Shares that a change may not fall below: those that were reached.
const SAME_TEXT: f64 = 0.84;
const SAME_STATUS: f64 = 0.88;

/// Every script, here and there; differences are those of the table and no other.
pub(crate) fn agrees_with_cpython() -> Result<(), Failed> {
    let corpus = std::fs::read_to_string(Path::new(DATA).join("corpus.py.txt"))?;
    let original = original()?;
    let explained = explained()?;
    let client = Client::documented();
    let mut differing = BTreeMap::new();
    let (mut count, mut texts, mut statuses) = (0_u32, 0_u32, 0_u32);
    for (name, source) in scripts(&corpus) {
        let reply = client.run(source.as_bytes());
        let (status, text) = original
            .get(name)
            .ok_or("the original ran another corpus")?;
        count += 1;
        statuses += u32::from(*status == reply.status);
        texts += u32::from(*text == reply.text);
        if *status != reply.status || *text != reply.text {
            let theirs = format!("{status} {text:?}");
            differing.insert(
                name,
                format!("{theirs}\n    here {} {:?}", reply.status, reply.text),
            );
        }
    }
    let share = |part: u32| f64::from(part) / f64::from(count);
    println!("corpus: {count} scripts");
    println!("corpus_same_text: {:.3}", share(texts));
    println!("corpus_same_status: {:.3}", share(statuses));
    let surprises: Vec<_> = differing
        .iter()
        .filter(|(name, _)| !explained.contains_key(**name))
        .map(|(name, difference)| format!("{name}: CPython {difference}"))
        .collect();
    let stale: Vec<_> = explained
        .keys()
        .filter(|name| !differing.contains_key(name.as_str()))
        .collect();
    if !surprises.is_empty() || !stale.is_empty() {
        let table = "data/script/differences.md";
        let surprises = surprises.join("\n");
        return Err(format!("not in {table}:\n{surprises}\nno longer true: {stale:?}").into());
    }
    if share(texts) < SAME_TEXT || share(statuses) < SAME_STATUS {
        return Err("too few answers are the same".into());
    }
    Ok(())
}

/// What CPython answers, as `original.py` runs it.
fn original() -> Result<BTreeMap<String, (u16, String)>, Failed> {
    let ran = Command::new("python3")
        .arg("-W")
        .arg("ignore")
        .args(["original.py", "corpus.py.txt"])
        .current_dir(DATA)
        .output()
        .map_err(|error| format!("python3 is needed to compare with: {error}"))?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&ran.stdout)?)
}

/// The rows of the table: name and reason.
fn explained() -> Result<BTreeMap<String, String>, Failed> {
    let table = std::fs::read_to_string(Path::new(DATA).join("differences.md"))?;
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split("` | ");
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    });
    Ok(rows.collect())
}

/// Names and sources, as the file separates them.
pub(crate) fn scripts(corpus: &str) -> impl Iterator<Item = (&str, &str)> {
    corpus
        .split("#: ")
        .skip(1)
        .map(|script| script.split_once('\n').unwrap_or((script, "")))
}
