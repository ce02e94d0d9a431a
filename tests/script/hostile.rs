//! Scripts that try to escape, and scripts that try to exhaust the server.
//!
//! Each must get the answer its table has, in time, and meanwhile the server must answer its
//! health within 100 ms.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use admin_endpoints::script::{Engine, ScriptConfig, ScriptLimits};
use admin_tests::Case;
use libtest_mimic::Failed;

use crate::server::client::{Client, Reply, python};

/// The wall time limit, and what a busy machine may add to it.
const WALL: Duration = Duration::from_secs(20);
const SLACK: Duration = Duration::from_secs(10);

/// The CPU time limit of scripts that exceed one, so that they end soon.
const LITTLE_CPU_TIME: Duration = Duration::from_millis(400);

/// A health answer may take this long, measured by the fastest of three: the machine that tests
/// run on is shared, and a server that is blocked is slow three times.
const HEALTH: Duration = Duration::from_millis(100);

/// One row of a table.
struct Hostile {
    name: String,
    source: String,
    /// `limit` for any message that names a limit, else status and text. Several, with ` || `
    /// between, where the speed of the build decides which limit comes first.
    expected: String,
}

/// The tables of the embedded engine.
const ESCAPES: &str = include_str!("../data/script/escapes.txt");
const BOMBS: &str = include_str!("../data/script/bombs.txt");

/// What only CPython has.
const CPYTHON_ESCAPES: &str = include_str!("../data/script/cpython_escapes.txt");

/// Modules that scripts may import, to see that nothing depends on their absence.
const DANGEROUS_MODULES: &str = "_ctypes _io _posixsubprocess _thread asyncio builtins code codecs \
    concurrent.futures ctypes faulthandler fcntl gc http.client importlib importlib.util inspect io \
    linecache marshal mmap multiprocessing multiprocessing.shared_memory os pickle pkgutil posix \
    pty resource runpy select shutil signal site socket sqlite3 ssl subprocess sys tempfile threading \
    time traceback types urllib.request weakref zipimport";

pub(crate) fn nothing_gets_out() -> Result<(), Failed> {
    without_canary(|| run_all(config(), ESCAPES, check)?)
}

pub(crate) fn nothing_wears_it_out() -> Result<(), Failed> {
    run_all(config(), BOMBS, check)?
}

pub(crate) fn cpython_cases() -> Vec<Case> {
    vec![
        Case::new("cpython_contains_common_escapes", || {
            without_canary(|| run_all(cpython_config(), ESCAPES, contained)?)
        }),
        Case::new("cpython_contains_its_own_escapes", || {
            without_canary(|| run_all(cpython_config(), CPYTHON_ESCAPES, check_contained)?)
        }),
        Case::new("cpython_stops_every_bomb", || {
            run_all(cpython_config(), BOMBS, contained)?
        }),
    ]
}

fn without_canary(run: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    let canary = std::env::temp_dir().join("admin-script-escape");
    let _ = std::fs::remove_file(&canary);
    let report = run();
    if canary.exists() {
        return Err(format!("a script made {}", canary.display()).into());
    }
    report
}

fn config() -> ScriptConfig {
    ScriptConfig::default().allow_imports(ScriptConfig::embedded_modules().iter().copied())
}

fn cpython_config() -> ScriptConfig {
    let config = ScriptConfig::default().engine(Engine::cpython(python()));
    config
        .allow_imports(ScriptConfig::embedded_modules().iter().copied())
        .allow_imports(DANGEROUS_MODULES.split_whitespace())
}

fn run_all(
    config: ScriptConfig,
    table: &str,
    check: fn(&Client, &Hostile) -> Result<(), String>,
) -> Result<Result<(), Failed>, Failed> {
    let limits = ScriptLimits::default().with_max_wall_time(WALL);
    let bounded = limits.clone().with_max_cpu_time(LITTLE_CPU_TIME);
    let client = Client::new(config.clone().limits(limits));
    let bounded = Client::new(config.limits(bounded));
    let rows: Vec<_> = rows(table).collect();
    if rows.len() < 60 {
        return Err("a table needs 60 rows at least".into());
    }
    let wrong = Mutex::new(Vec::new());
    let done = AtomicBool::new(false);
    let next = Mutex::new(rows.iter());
    std::thread::scope(|scope| {
        let health = scope.spawn(|| watch(&client, &done));
        let runners: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let row = next.lock().expect("no runner panics").next();
                        let Some(row) = row else { break };
                        let is_bomb = row.expected.contains("limit");
                        if let Err(why) = check(if is_bomb { &bounded } else { &client }, row) {
                            wrong.lock().expect("no runner panics").push(why);
                        }
                    }
                })
            })
            .collect();
        for runner in runners {
            runner.join().expect("no runner panics");
        }
        done.store(true, Ordering::Relaxed);
        let slow = health.join().expect("the watch does not panic");
        wrong.lock().expect("no runner panics").extend(slow);
    });
    let wrong = wrong.into_inner().expect("no runner panics");
    Ok(if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    })
}

fn check(client: &Client, row: &Hostile) -> Result<(), String> {
    let reply = client.run(row.source.as_bytes());
    let shown: String = format!("{} {}", reply.status, reply.text.escape_debug());
    let shown: String = shown.chars().take(160).collect();
    let names_a_limit =
        reply.status == 500 && shown.contains(" limit of ") && shown.ends_with("exceeded");
    let expected = |one: &str| {
        if one == "limit" {
            names_a_limit
        } else {
            shown == one
        }
    };
    if !row.expected.split(" || ").any(expected) {
        return Err(format!("{}\t{}\t{shown}", row.name, row.expected));
    }
    check_reply(row, &reply)
}

/// CPython's own answers differ between versions, so a row may say `contained`: any answer but that
/// of a script that escaped. `contained_or_503` is for scripts that break the protocol.
fn check_contained(client: &Client, row: &Hostile) -> Result<(), String> {
    if !row.expected.starts_with("contained") {
        return check(client, row);
    }
    contained(client, row)
}

/// As [`check_contained`], for tables that have the answers of the embedded engine.
fn contained(client: &Client, row: &Hostile) -> Result<(), String> {
    let reply = client.run(row.source.as_bytes());
    let got_out = ["OUT", "root:", "uid="]
        .iter()
        .any(|sign| reply.text.contains(sign));
    let may_fail = row.expected == "contained_or_503" && reply.status == 503;
    if got_out || !(may_fail || matches!(reply.status, 200 | 500)) {
        let shown: String = reply.text.chars().take(300).collect();
        return Err(format!("{}\t{} {shown}", row.name, reply.status));
    }
    check_reply(row, &reply)
}

fn check_reply(row: &Hostile, reply: &Reply) -> Result<(), String> {
    if reply.text.contains("s3cret-canary") {
        return Err(format!("{} shows a secret", row.name));
    }
    if reply.took > WALL + SLACK {
        return Err(format!("{} took {:?}", row.name, reply.took));
    }
    Ok(())
}

/// Asks for health until the end; what it says are the times it was slow.
fn watch(client: &Client, done: &AtomicBool) -> Vec<String> {
    let target = health(client);
    let mut slow = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let fastest = (0..3)
            .map(|_| client.get(target).took)
            .min()
            .unwrap_or_default();
        if fastest > HEALTH {
            slow.push(format!("{target} took {fastest:?}"));
        }
    }
    slow
}

/// The health route, when this build links it.
fn health(client: &Client) -> &'static str {
    let index = client.get("/").text;
    if index.contains("/periodic-threads-health") {
        "/periodic-threads-health"
    } else {
        "/env"
    }
}

fn rows(table: &str) -> impl Iterator<Item = Hostile> {
    table.split("#: ").skip(1).filter_map(|row| {
        let (name, rest) = row.split_once('\n')?;
        let (source, expected) = rest.rsplit_once("\n#> ")?;
        Some(Hostile {
            name: name.to_owned(),
            source: expand(source),
            expected: expected.trim_end_matches('\n').to_owned(),
        })
    })
}

/// `@text*3@` is the text three times; `nested` indents each further, `numbered` puts a number
/// behind its first letter.
fn expand(source: &str) -> String {
    let mut parts = source.split('@');
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let (Some(part), rest) = (parts.next(), parts.next()) {
        match part
            .rsplit_once('*')
            .and_then(|(body, n)| Some((body, n.parse::<usize>().ok()?)))
        {
            Some((body, count)) => text.push_str(&repeated(body, count)),
            None => text.push_str(part),
        }
        text.push_str(rest.unwrap_or_default());
    }
    text
}

fn repeated(body: &str, count: usize) -> String {
    if let Some(line) = body.strip_prefix("nested ") {
        let lines = (0..count).map(|depth| format!("{}{line}\n", " ".repeat(depth)));
        return lines.collect::<String>() + &" ".repeat(count) + "pass";
    }
    if let Some(line) = body.strip_prefix("numbered ") {
        let (letter, rest) = line.split_at(1);
        return (0..count)
            .map(|number| format!("{letter}{number}{rest}"))
            .collect();
    }
    body.repeat(count)
}
