//! The processes behind `POST /run_script`: which there are, what they have, and when they go.
//!
//! They are the whole process's, so these tests have a process to themselves and take turns.

#![allow(
    clippy::disallowed_methods,
    reason = "these tests wait for processes to go"
)]

#[path = "client.rs"]
#[allow(dead_code, reason = "the other tests of the route use the rest")]
mod client;
#[path = "objects.rs"]
#[allow(dead_code, reason = "the other tests of the route use the rest")]
mod objects;

use std::fs;
use std::io::ErrorKind;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use admin_endpoints::script::{ScriptConfig, ScriptLimits};
use libtest_mimic::{Arguments, Failed, Trial};

use client::{ALLOWED, Client, until};

admin_runtime::link!(admin_endpoints);

fn main() -> ExitCode {
    admin_endpoints::script::init();
    if std::env::args().nth(1).as_deref() == Some("--endless") {
        endless_server();
    }
    let tests = vec![
        // First, before a script has said so.
        Trial::test("the_index_knows_the_walls_before_any_script", walls),
        Trial::test("scripts_share_one_zygote", scripts_share_one_zygote),
        Trial::test("a_killed_zygote_is_replaced", killed),
        Trial::test("a_stopped_zygote_is_replaced", stopped),
        Trial::test("processes_have_nothing_of_the_program", nothing_inherited),
        Trial::test("no_process_stays_that_was_not_asked_to", none_stays),
        Trial::test("a_script_outlives_its_zygote", outlives),
        Trial::test("all_die_with_the_program", die_with_the_program),
    ];
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn client(keep_warm: Duration, wall: Duration) -> Client {
    let limits = ScriptLimits {
        wall,
        cpu: Duration::from_secs(60),
        ..ScriptLimits::default()
    };
    let config = ScriptConfig::default().allow_imports(ALLOWED);
    Client::new(config.keep_warm(keep_warm).limits(limits))
}

fn warm() -> Client {
    client(Duration::from_secs(600), Duration::from_secs(5))
}

/// What the server finds by itself is what the first child then reports.
fn walls() -> Result<(), Failed> {
    let client = warm();
    let expected = client.status()?;
    same(children().len(), 0)?;
    answers(&client)?;
    same(client.status()?, expected)
}

fn scripts_share_one_zygote() -> Result<(), Failed> {
    let (one, other) = (warm(), warm());
    answers(&one)?;
    let zygote = only_zygote()?;
    answers(&one)?;
    answers(&other)?;
    same(only_zygote()?, zygote)
}

fn killed() -> Result<(), Failed> {
    replaced_after("-KILL")
}

fn stopped() -> Result<(), Failed> {
    replaced_after("-STOP")
}

fn replaced_after(signal: &str) -> Result<(), Failed> {
    let client = warm();
    answers(&client)?;
    let zygote = only_zygote()?;
    send(signal, zygote)?;
    answers(&client)?;
    if only_zygote()? == zygote {
        return Err(format!("it is still there after {signal}").into());
    }
    Ok(())
}

/// No variable, no namespace, no file but the null device and one stream each.
fn nothing_inherited() -> Result<(), Failed> {
    let client = client(Duration::from_secs(600), Duration::from_secs(2));
    let own_world = client.status()?["namespaces"] == "on"; // the kernel may forbid it
    no_script_is_left()?;
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| client.run(b"while True: pass").text);
        let (zygote, child) =
            wait_for(|| Some((only_zygote().ok()?, script()?))).ok_or("no script runs")?;
        for pid in [zygote, child] {
            match fs::read(format!("/proc/{pid}/environ")) {
                Ok(environ) => same(environ.len(), 0)?,
                // NoObjects but root may look into a process that cannot be dumped.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => continue,
                Err(error) => return Err(error.into()),
            }
            for wall in ["user", "net", "ipc", "uts"] {
                let of = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/{wall}"));
                same(of(&pid.to_string())? != of("self")?, own_world)?;
            }
            let files = wait_for(|| {
                let files = files(pid)?;
                (files.len() == 4).then_some(files)
            });
            let files = files.ok_or_else(|| format!("{pid} has {:?}", self::files(pid)))?;
            same(
                files[..3].join(" ").as_str(),
                "/dev/null /dev/null /dev/null",
            )?;
            same(files[3].starts_with("socket:"), true)?;
        }
        let text = answer.join().map_err(|_| "the client panicked")?;
        same(
            text.as_str(),
            "Error executing script: time limit of 2 s exceeded",
        )
    })
}

fn none_stays() -> Result<(), Failed> {
    answers(&client(Duration::ZERO, Duration::from_secs(5)))?;
    let gone = wait_for(|| children().is_empty().then_some(()));
    gone.ok_or_else(|| format!("there are {:?}", children()).into())
}

/// The thread that both depend on stays for the script.
fn outlives() -> Result<(), Failed> {
    let (long, short) = (
        client(Duration::ZERO, Duration::from_secs(2)),
        client(Duration::ZERO, Duration::from_secs(5)),
    );
    no_script_is_left()?;
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| long.run(b"while True: pass").text);
        wait_for(script).ok_or("no script runs")?;
        answers(&short)?; // and its zygote goes
        let text = answer.join().map_err(|_| "the client panicked")?;
        same(
            text.as_str(),
            "Error executing script: time limit of 2 s exceeded",
        )
    })?;
    none_stays()
}

/// A program that is killed can tidy nothing up.
fn die_with_the_program() -> Result<(), Failed> {
    let mut program = Command::new(std::env::current_exe()?)
        .arg("--endless")
        .stdout(Stdio::null())
        .spawn()?;
    let all = wait_for(|| {
        let all = children_of(program.id());
        (all.len() == 2).then_some(all)
    });
    let all = all.ok_or("no script runs")?;
    program.kill()?;
    program.wait()?;
    let gone = wait_for(|| {
        let left = all
            .iter()
            .any(|child| fs::exists(format!("/proc/{}", child.pid)).unwrap_or(true));
        (!left).then_some(())
    });
    gone.ok_or_else(|| format!("they live on: {all:?}").into())
}

/// What the test above kills: a server with a script that ends by no limit of its own.
fn endless_server() {
    let client = client(Duration::from_secs(600), Duration::from_secs(60));
    client.run(b"while True: pass");
}

fn answers(client: &Client) -> Result<(), Failed> {
    let reply = client.run(b"result = 6 * 7");
    same(reply.text.as_str(), "42")
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result<(), Failed> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{found:?} is not {expected:?}").into())
    }
}

#[derive(Debug)]
struct Process {
    pid: u32,
    name: String,
}

/// Processes that are there, dead ones too.
fn children() -> Vec<Process> {
    children_of(std::process::id())
}

fn children_of(parent: u32) -> Vec<Process> {
    let parent = format!(" {parent} ");
    let processes = fs::read_dir("/proc").expect("/proc").filter_map(|entry| {
        let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let (pid, rest) = stat.split_once(" (")?;
        let (name, after) = rest.rsplit_once(") ")?;
        after.get(1..)?.starts_with(&parent).then_some(Process {
            pid: pid.parse().ok()?,
            name: name.to_owned(),
        })
    });
    processes.collect()
}

/// The process of a script.
fn script() -> Option<u32> {
    let mut all = children().into_iter();
    all.find(|child| child.name == "admin-script")
        .map(|child| child.pid)
}

/// An answer does not wait until its process has gone.
fn no_script_is_left() -> Result<(), Failed> {
    let gone = wait_for(|| script().is_none().then_some(()));
    gone.ok_or_else(|| format!("there are {:?}", children()).into())
}

fn only_zygote() -> Result<u32, Failed> {
    let zygotes = wait_for(|| {
        let mut all = children();
        all.retain(|child| child.name == "script-zygote");
        (all.len() == 1).then(|| all[0].pid)
    });
    zygotes.ok_or_else(|| format!("there are {:?}", children()).into())
}

/// What the open files of a process are, by number.
fn files(pid: u32) -> Option<Vec<String>> {
    let folder = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let mut files: Vec<(u32, String)> = folder
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let number = path.file_name()?.to_str()?.parse().ok()?;
            Some((number, fs::read_link(&path).ok()?.display().to_string()))
        })
        .collect();
    files.sort();
    Some(files.into_iter().map(|(_, file)| file).collect())
}

fn send(signal: &str, pid: u32) -> Result<(), Failed> {
    let sent = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()?;
    same(sent.success(), true)
}

/// Looks again until there is something, for ten seconds at the most.
fn wait_for<T>(look: impl FnMut() -> Option<T>) -> Option<T> {
    until(Duration::from_secs(10), look)
}
