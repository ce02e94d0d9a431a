//! The worker that is forked before its script arrives: when there is one, and who gets it.

use std::time::Duration;

use admin_endpoints::script::ScriptConfig;
use admin_tests::Case;
use libtest_mimic::Failed;

use crate::server::client::{Client, cpython_config};
use crate::zygote::{
    self, answers, children_of, limits, no_zygote_is_left, only_zygote, same, send, wait_for,
};

pub(crate) fn cases() -> Vec<Case> {
    let trial = |name: &str, engine: &str, test: fn(ScriptConfig) -> Result<(), Failed>| {
        let config = match engine {
            "cpython" => cpython_config(),
            _ => ScriptConfig::default(),
        };
        Case::new(&format!("{engine}_{name}"), move || {
            no_zygote_is_left()?;
            test(config.keep_warm(Duration::from_secs(600)))
        })
    };
    let short = trial("short_script_needs_no_thread", "embedded", own_thread);
    ["embedded", "cpython"]
        .into_iter()
        .flat_map(|engine| {
            [
                trial("next_script_has_a_prepared_worker", engine, next_script),
                trial("killed_prepared_worker_is_not_used", engine, killed),
                trial("prepared_worker_has_the_limits", engine, other_limits),
                trial("prepared_worker_ends_with_the_server", engine, ends),
            ]
        })
        .chain([short])
        .collect()
}

/// The worker that sleeps until its script comes.
fn prepared() -> Result<u32, Failed> {
    let worker = wait_for(|| {
        let workers = children_of(only_zygote().ok()?);
        match workers.as_slice() {
            [one] if one.state == 'S' && one.name == "admin-script" => Some(one.pid),
            _ => None,
        }
    });
    Ok(worker.ok_or("no worker waits")?)
}

/// It sees the script, and no other script does.
fn next_script(config: ScriptConfig) -> Result<(), Failed> {
    let client = Client::new(config.limits(limits(Duration::from_secs(2))));
    answers(&client)?;
    let first = prepared()?;
    std::thread::scope(|scope| {
        let reply = scope.spawn(|| client.run(b"while True: pass"));
        wait_for(|| (zygote::script()? == first).then_some(())).ok_or("another worker runs it")?;
        let reply = reply.join().map_err(|_| "the client panicked")?;
        same(reply.text.contains("time limit of 2 s exceeded"), true)
    })?;
    let second = prepared()?;
    same(second == first, false)?;
    same(client.run(b"x = 1").status, 200)?;
    same(client.run(b"result = x").status, 500)
}

/// Whether a thread of this process, which is the server, runs a script.
fn has_script_thread() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let mut names = threads.flatten().filter_map(|thread| {
        let name = std::fs::read_to_string(thread.path().join("comm")).ok()?;
        Some(name.trim_end().to_owned())
    });
    names.any(|name| name == "run-script")
}

/// A script that asks for a live object has a thread, since the answer may take long.
fn own_thread(config: ScriptConfig) -> Result<(), Failed> {
    let client = Client::new(config.limits(limits(Duration::from_secs(2))));
    let sources = [
        ("while True: pass", false),
        ("x = app.state\nwhile True: pass", true),
    ];
    for (source, has_one) in sources {
        answers(&client)?;
        prepared()?;
        wait_for(|| (!has_script_thread()).then_some(())).ok_or("a thread stays")?;
        std::thread::scope(|scope| {
            let reply = scope.spawn(|| client.run(source.as_bytes()));
            wait_for(|| zygote::script().map(drop)).ok_or("it does not run")?;
            let seen = if has_one {
                wait_for(|| has_script_thread().then_some(())).is_some()
            } else {
                has_script_thread()
            };
            let reply = reply.join().map_err(|_| "the client panicked")?;
            same(reply.text.contains("time limit of 2 s exceeded"), true)?;
            same(seen, has_one)
        })?;
    }
    Ok(())
}

fn killed(config: ScriptConfig) -> Result<(), Failed> {
    let client = Client::new(config.limits(limits(Duration::from_secs(60))));
    for _ in 0..3 {
        answers(&client)?;
        let worker = prepared()?;
        send("-KILL", worker)?;
        let gone = || {
            let workers = children_of(only_zygote().ok()?);
            let mut workers = workers.iter();
            workers
                .all(|other| other.pid != worker || other.dead)
                .then_some(())
        };
        wait_for(gone).ok_or("it is not killed")?;
    }
    answers(&client)
}

/// Two servers share the zygote of one program, and have limits of their own.
fn other_limits(config: ScriptConfig) -> Result<(), Failed> {
    let plenty = limits(Duration::from_secs(60)).with_max_memory_bytes(512 << 20);
    let plenty = Client::new(config.clone().limits(plenty));
    let little = limits(Duration::from_secs(60)).with_max_memory_bytes(64 << 20);
    let little = Client::new(config.limits(little));
    let large = b"result = len('x' * (200 << 20))";
    for _ in 0..2 {
        same(plenty.run(large).text.as_str(), "209715200")?;
        prepared()?;
        let text = little.run(large).text;
        same(text.contains("memory limit of 64 MiB exceeded"), true)?;
        prepared()?;
    }
    Ok(())
}

fn ends(config: ScriptConfig) -> Result<(), Failed> {
    let client = Client::new(config);
    answers(&client)?;
    let worker = prepared()?;
    drop(client);
    let is_there = || std::fs::exists(format!("/proc/{worker}")).unwrap_or(true);
    let gone = wait_for(|| (!is_there()).then_some(()));
    Ok(gone.ok_or("the worker stays")?)
}
