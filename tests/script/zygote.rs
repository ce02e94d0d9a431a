//! The processes behind `POST /run_script`: which exist, what they have, and when they end.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use admin_endpoints::script::{ScriptConfig, ScriptLimits};
use admin_tests::{Case, Program, cases};
use libtest_mimic::Failed;

use crate::server::client::{ALLOWED, Client, until};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "isolation_is_unknown_until_a_worker_reports",
            isolation_unknown,
        ),
        Case::new(
            "reading_the_sandbox_starts_one_process_ever",
            reading_starts_one,
        ),
        Case::new("scripts_share_one_zygote", scripts_share_one_zygote),
        Case::new("a_killed_zygote_is_replaced", killed),
        Case::new("a_stopped_zygote_is_replaced", stopped),
        Case::new("processes_have_nothing_of_the_program", nothing_inherited),
        Case::new(
            "limits_are_named_whoever_waits",
            limits_are_named_whoever_waits,
        ),
        Case::new("killed_script_is_503", killed_script_is_503),
        Case::new("upload_memory_is_returned", || {
            upload_memory_is_returned(Duration::from_secs(1))
        }),
        // The zygote ends while the answer of its script is still in memory.
        Case::new("upload_memory_is_returned_without_keep_warm", || {
            upload_memory_is_returned(Duration::ZERO)
        }),
        Case::new("no_process_stays_that_was_not_asked_to", none_stays),
        Case::new("a_script_outlives_its_zygote", outlives),
        Case::new("all_die_with_the_program", || {
            die_with_the_program("zygote::endless_server")
        }),
    ]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![endless_server]
}

fn client(keep_warm: Duration, wall: Duration) -> Client {
    let config = ScriptConfig::default().allow_imports(ALLOWED);
    Client::new(config.keep_warm(keep_warm).limits(limits(wall)))
}

/// Limits of which only the time is reached.
pub(crate) fn limits(wall: Duration) -> ScriptLimits {
    ScriptLimits::default()
        .with_max_wall_time(wall)
        .with_max_cpu_time(Duration::from_secs(60))
}

fn warm() -> Client {
    client(Duration::from_secs(600), Duration::from_secs(60))
}

/// Nothing is claimed that no worker has seen.
fn isolation_unknown() -> Result<(), Failed> {
    let status = warm().status()?;
    same(status["seccomp"].as_str(), Some("unknown"))?;
    same(status["namespaces"].as_str(), Some("unknown"))?;
    same(children().len(), 0)
}

/// The first request runs an empty script; the zygote of a read does not stay.
fn reading_starts_one() -> Result<(), Failed> {
    let client = warm();
    let sandbox = client.get("/run_script/sandbox");
    same(sandbox.status, 200)?;
    wait_for(|| children().is_empty().then_some(())).ok_or("a process stays after a read")?;
    for _ in 0..50 {
        same(&client.get("/run_script/sandbox").text, &sandbox.text)?;
        same(children().len(), 0)?;
    }
    let sandbox: serde_json::Value = serde_json::from_str(&sandbox.text)?;
    same(&client.status()?, &sandbox["isolation"])
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
    replaced_after(&warm(), "-KILL")
}

fn stopped() -> Result<(), Failed> {
    replaced_after(&warm(), "-STOP")
}

pub(crate) fn replaced_after(client: &Client, signal: &str) -> Result<(), Failed> {
    answers(client)?;
    let zygote = only_zygote()?;
    send(signal, zygote)?;
    // Until then the zygote or its prepared worker may still do what it is asked.
    let arrived = || process(zygote).is_none_or(|process| "TZ".contains(process.state));
    wait_for(|| arrived().then_some(())).ok_or("the signal does not arrive")?;
    answers(client)?;
    if only_zygote()? == zygote {
        return Err(format!("it is still there after {signal}").into());
    }
    Ok(())
}

/// No variable, no namespace, no capability, and no file but the null device and sockets.
fn nothing_inherited() -> Result<(), Failed> {
    inherited_by(&client(Duration::from_secs(600), Duration::from_secs(2)))
}

pub(crate) fn inherited_by(client: &Client) -> Result<(), Failed> {
    answers(client)?;
    let status = client.status()?; // the kernel may forbid some
    let is_on = |layer: &str| status[layer] == "on";
    no_script_is_left()?;
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| client.run(b"while True: pass").text);
        let (zygote, worker) =
            wait_for(|| Some((only_zygote().ok()?, script()?))).ok_or("no script runs")?;
        let pid_namespace = is_on("pid_namespace");
        for (pid, sockets, pid_namespace) in [(zygote, 2, false), (worker, 1, pid_namespace)] {
            match fs::read(format!("/proc/{pid}/environ")) {
                Ok(environ) => same(environ.len(), 0)?,
                // Nobody but root may look into a process that cannot be dumped.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => continue,
                Err(error) => return Err(error.into()),
            }
            for (namespace, layer) in [
                ("user", "namespaces"),
                ("net", "namespaces"),
                ("ipc", "namespaces"),
                ("uts", "namespaces"),
                ("mnt", "mount_namespace"),
            ] {
                same(has_own_namespace(pid, namespace)?, is_on(layer))?;
            }
            same(has_own_namespace(pid, "pid")?, pid_namespace)?;
            same(
                fs::read_to_string(format!("/proc/{pid}/oom_score_adj"))?.trim(),
                "1000",
            )?;
            let found = wait_for(|| (sockets_of(pid)? == sockets).then_some(()));
            found.ok_or_else(|| format!("{pid} has {:?}", files(pid)))?;
        }
        // Dropped after other descriptors are closed, while this test looks already.
        let dropped = wait_for(|| (!has_capabilities(worker).ok()?).then_some(()));
        dropped.ok_or_else(|| format!("{worker} has {:?}", has_capabilities(worker)))?;
        let text = answer.join().map_err(|_| "the client panicked")?;
        same(
            text.starts_with("Error executing script: time limit of "),
            true,
        )
    })
}

fn has_capabilities(pid: u32) -> Result<bool, Failed> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let is_empty = |set: &str| status.contains(&format!("{set}:\t0000000000000000\n"));
    Ok(!is_empty("CapPrm") || !is_empty("CapEff"))
}

fn has_own_namespace(pid: u32, kind: &str) -> Result<bool, Failed> {
    let of = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/{kind}"));
    Ok(of(&pid.to_string())? != of("self")?)
}

/// The program may do what it likes with the ends of its children.
fn limits_are_named_whoever_waits() -> Result<(), Failed> {
    let bombs: [(&[u8], &str); 2] = [
        (b"x = 'x' * 10 ** 9", "memory limit of 64 MiB exceeded"),
        (
            b"(lambda f: f(f))(lambda f: f(f))",
            "maximum recursion depth exceeded",
        ),
    ];
    let client = warm();
    let all_named = || -> Result<(), Failed> {
        no_zygote_is_left()?;
        for (source, expected) in bombs {
            let reply = client.run(source);
            same(
                reply.text.as_str(),
                format!("Error executing script: {expected}"),
            )?;
        }
        answers(&client)
    };
    // SAFETY: no other thread of this test program waits for a child at this time.
    let before = unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let ignored = all_named();
    // SAFETY: it is the action that was there before.
    unsafe { libc::signal(libc::SIGCHLD, before) };
    ignored?;

    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                // SAFETY: a null pointer asks for no status.
                unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) };
                std::thread::yield_now();
            }
        });
        let reaped = all_named();
        stop.store(true, Ordering::Relaxed);
        reaped
    })
}

pub(crate) fn no_zygote_is_left() -> Result<(), Failed> {
    for zygote in children().iter().filter(|child| !child.dead) {
        // SAFETY: the call takes two numbers; the process is a child of this one.
        unsafe { libc::kill(i32::try_from(zygote.pid)?, libc::SIGKILL) };
    }
    // One that nobody has waited for yet is dead.
    let gone = wait_for(|| children().iter().all(|child| child.dead).then_some(()));
    gone.ok_or_else(|| format!("there are {:?}", children()).into())
}

/// A killed process is not a memory limit, whichever signal ended it.
fn killed_script_is_503() -> Result<(), Failed> {
    let client = client(Duration::from_secs(600), Duration::from_secs(30));
    for (option, name) in [("-KILL", "SIGKILL"), ("-ABRT", "SIGABRT")] {
        answers(&client)?;
        no_script_is_left()?;
        std::thread::scope(|scope| {
            let reply = scope.spawn(|| client.run(b"while True: pass"));
            let pid = wait_for(script).ok_or("no script runs")?;
            send(option, pid)?;
            let reply = reply.join().map_err(|_| "the client panicked")?;
            same(reply.status, 503)?;
            same(reply.text.contains(name), true)
        })?;
    }
    Ok(())
}

/// Large sources and answers, many at once; some time after the last, their memory is free.
fn upload_memory_is_returned(keep_warm: Duration) -> Result<(), Failed> {
    const MARGIN_KB: u64 = 4096;
    let client = client(keep_warm, Duration::from_secs(30));
    // Another process, whose memory is not counted here.
    let file = std::env::temp_dir().join(format!("large-{}.py", std::process::id()));
    let large = format!("#{}\nresult = 'x' * 1_000_000", "é".repeat(120_000));
    fs::write(&file, large)?;
    let upload = || {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-o", "/dev/null", "-F"]);
        curl.arg(format!("script=@{}", file.display()));
        curl.arg(format!("http://{}/run_script", client.address()));
        curl.spawn()
    };
    let run_all = |rounds: usize| -> Result<(), Failed> {
        for _ in 0..rounds {
            let uploads: Result<Vec<_>, _> = (0..8).map(|_| upload()).collect();
            for mut upload in uploads? {
                same(upload.wait()?.success(), true)?;
            }
        }
        Ok(())
    };
    run_all(1)?; // what is allocated once
    let gone = || children().is_empty().then_some(());
    wait_for(gone).ok_or("the zygote stays")?;
    // What is free now must not count as memory of the program.
    // SAFETY: it affects free memory only.
    unsafe { libc::malloc_trim(0) };
    let before = anonymous_kb()?;
    run_all(5)?;
    let during = anonymous_kb()?; // shown when the test fails
    wait_for(gone).ok_or("the zygote stays")?;
    let returned = wait_for(|| (anonymous_kb().ok()? <= before + MARGIN_KB).then_some(()));
    let after = anonymous_kb()?;
    fs::remove_file(&file)?;
    returned.ok_or_else(|| format!("{before} kB, then {during} kB, at last {after} kB").into())
}

/// Anonymous memory of this process that is resident.
fn anonymous_kb() -> Result<u64, Failed> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(number.ok_or("a number of kB")?.parse()?)
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

/// A killed program cannot clean up.
pub(crate) fn die_with_the_program(name: &str) -> Result<(), Failed> {
    let program = Program::start(name);
    let all = wait_for(|| {
        let mut all = children_of(program.id());
        all.extend(all.first().map(|zygote| children_of(zygote.pid))?);
        (all.len() == 2).then_some(all)
    });
    let all = all.ok_or("no script runs")?;
    drop(program); // kills it
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

pub(crate) fn answers(client: &Client) -> Result<(), Failed> {
    let reply = client.run(b"result = 6 * 7");
    same(reply.text.as_str(), "42")
}

pub(crate) fn same<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
    found: T,
    expected: U,
) -> Result<(), Failed> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{found:?} is not {expected:?}").into())
    }
}

#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) name: String,
    pub(crate) state: char,
    pub(crate) dead: bool,
}

/// Processes that are there, dead ones too.
fn children() -> Vec<Process> {
    children_of(std::process::id())
}

fn process(pid: u32) -> Option<Process> {
    children().into_iter().find(|child| child.pid == pid)
}

pub(crate) fn children_of(parent: u32) -> Vec<Process> {
    let parent = format!(" {parent} ");
    let processes = fs::read_dir("/proc").expect("/proc").filter_map(|entry| {
        let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let (pid, rest) = stat.split_once(" (")?;
        let (name, after) = rest.rsplit_once(") ")?;
        after.get(1..)?.starts_with(&parent).then_some(Process {
            pid: pid.parse().ok()?,
            name: name.to_owned(),
            state: after.chars().next()?,
            dead: after.starts_with('Z'),
        })
    });
    processes.collect()
}

/// The process of a script that computes, which is a child of a zygote. A worker that was prepared
/// for the next script sleeps.
pub(crate) fn script() -> Option<u32> {
    let zygotes = children();
    let mut workers = zygotes.iter().flat_map(|zygote| children_of(zygote.pid));
    workers
        .find(|worker| worker.name == "admin-script" && worker.state == 'R')
        .map(|worker| worker.pid)
}

/// An answer does not wait until its process has gone.
pub(crate) fn no_script_is_left() -> Result<(), Failed> {
    let gone = wait_for(|| script().is_none().then_some(()));
    gone.ok_or_else(|| format!("there are {:?}", children()).into())
}

pub(crate) fn only_zygote() -> Result<u32, Failed> {
    let zygotes = wait_for(|| {
        let mut all = children();
        all.retain(|child| child.name == "script-zygote" && !child.dead);
        (all.len() == 1).then(|| all[0].pid)
    });
    zygotes.ok_or_else(|| format!("there are {:?}", children()).into())
}

/// The number of sockets, where all other files are the null device or processes.
fn sockets_of(pid: u32) -> Option<usize> {
    let files = files(pid)?;
    let sockets = files.iter().filter(|file| file.starts_with("socket:"));
    let sockets = sockets.count();
    let processes = files.iter().filter(|file| file.contains("pidfd"));
    let null = |number: u32| {
        let file = fs::metadata(format!("/proc/{pid}/fd/{number}"));
        file.is_ok_and(|file| file.rdev() == libc::makedev(1, 3))
    };
    let expected = sockets + processes.count() + (0..3).filter(|number| null(*number)).count();
    (files.len() == expected).then_some(sockets)
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

pub(crate) fn send(signal: &str, pid: u32) -> Result<(), Failed> {
    let sent = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()?;
    same(sent.success(), true)
}

/// Looks again until there is something, for at most ten seconds.
pub(crate) fn wait_for<T>(look: impl FnMut() -> Option<T>) -> Option<T> {
    until(Duration::from_secs(10), look)
}
