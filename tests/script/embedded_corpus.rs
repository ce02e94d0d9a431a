//! The embedded engine against CPython without a sandbox: another answer with status 200 is an
//! error, a refusal is not.

use std::path::Path;
use std::process::Command;

use admin_endpoints::script::ScriptConfig;
use admin_tests::Case;
use libtest_mimic::Failed;

use crate::corpus::{DATA, scripts};
use crate::cpython_corpus::{imported, in_one_namespace, read};
use crate::server::client::Client;

/// Shares that a change may not fall below: those that were reached.
struct Reached {
    status: f64,
    text: f64,
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("embedded_engine_is_never_silently_wrong", || {
            let reached = Reached {
                status: 0.88,
                text: 0.86,
            };
            agrees("ordinary.py.txt", reached)
        }),
        Case::new("embedded_engine_runs_scripts_of_operators", || {
            let reached = Reached {
                status: 0.85,
                text: 0.85,
            };
            agrees("operators.py.txt", reached)
        }),
        Case::new("embedded_engine_refuses_rather_than_differs", || {
            let reached = Reached {
                status: 0.2,
                text: 0.2,
            };
            agrees("differing.py.txt", reached)
        }),
        Case::new("names_of_python_are_those_of_cpython", has_names_of_cpython),
    ]
}

fn agrees(file: &str, reached: Reached) -> Result<(), Failed> {
    let corpus = read(file)?;
    let expected = in_one_namespace(file, &[])?;
    // Answers with an address or with the order of a set of str differ between two runs.
    let again = in_one_namespace(file, &[])?;
    let imports = imported(&corpus);
    let packages = imports.iter().filter_map(|name| name.split('.').next());
    let client = Client::new(ScriptConfig::default().allow_imports(packages));
    let (mut count, mut texts, mut statuses) = (0_u32, 0_u32, 0_u32);
    let (mut silent, mut refused) = (Vec::new(), Vec::new());
    for (name, source) in scripts(&corpus) {
        let (status, text) = expected.get(name).ok_or("another corpus was run")?;
        if again.get(name).map(|(_, text)| text) != Some(text) {
            continue;
        }
        let reply = client.run(source.as_bytes());
        count += 1;
        statuses += u32::from(*status == reply.status);
        texts += u32::from((*status, text) == (reply.status, &reply.text));
        if reply.status == 200 && (*status, text) != (reply.status, &reply.text) {
            silent.push(format!(
                "{name}: CPython {status} {text:?}\n    here {:?}",
                reply.text
            ));
        } else if *status == 200 && reply.status != 200 {
            refused.push(format!("{name}: {}", reply.text));
        }
    }
    println!("{file}: {count} scripts, refused:\n{}", refused.join("\n"));
    println!("embedded_refused: {}", refused.len());
    let share = |part: u32| f64::from(part) / f64::from(count);
    println!("embedded_silent_differences: {} of {count}", silent.len());
    println!("embedded_same_status: {:.3}", share(statuses));
    println!("embedded_same_text: {:.3}", share(texts));
    if !silent.is_empty() {
        return Err(silent.join("\n").into());
    }
    if share(texts) < reached.text || share(statuses) < reached.status {
        return Err("too few answers are the same".into());
    }
    Ok(())
}

/// The list of what the types of CPython have; another version has others.
fn has_names_of_cpython() -> Result<(), Failed> {
    let version = Command::new("python3").arg("--version").output()?;
    if !version.stdout.starts_with(b"Python 3.11.") {
        println!("python3 is not 3.11");
        return Ok(());
    }
    let ran = Command::new("python3")
        .arg("names.py")
        .current_dir(DATA)
        .output()?;
    let list = "../admin-endpoints/src/script/engine/python_names.txt";
    let expected = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(list))?;
    if ran.stdout == expected {
        Ok(())
    } else {
        Err("python_names.txt is not what names.py prints".into())
    }
}
