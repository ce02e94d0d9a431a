//! The processes behind scripts with CPython: what they have, when they are replaced, and what the
//! route says of an interpreter that cannot be used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use admin_endpoints::script::{Engine, ScriptConfig, ScriptLimits};
use admin_tests::{Case, Program, cases};
use libtest_mimic::Failed;

use crate::server::client::{Client, cpython_config, python};
use crate::zygote::{
    self, answers, die_with_the_program, inherited_by, no_script_is_left, no_zygote_is_left,
    only_zygote, replaced_after, same, script, send, wait_for,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("cpython_zygote_is_replaced_when_killed", || {
            no_zygote_is_left()?;
            replaced_after(&warm(), "-KILL")
        }),
        Case::new("cpython_zygote_is_replaced_when_stopped", || {
            no_zygote_is_left()?;
            replaced_after(&warm(), "-STOP")
        }),
        Case::new("cpython_processes_have_nothing_of_the_program", || {
            no_zygote_is_left()?;
            // Its script ends at the limit.
            let config = cpython_config().keep_warm(Duration::from_secs(600));
            inherited_by(&Client::new(
                config.limits(zygote::limits(Duration::from_secs(5))),
            ))
        }),
        Case::new("cpython_processes_die_with_the_program", || {
            die_with_the_program("cpython_processes::endless_server")
        }),
        Case::new("index_shows_what_the_interpreter_does", states),
        Case::new("killed_cpython_script_is_503", killed_script),
        Case::new("files_that_are_no_interpreter_are_503", no_interpreter),
        Case::new("interpreter_without_ctypes_is_503", without_ctypes),
        Case::new("interpreter_of_wrong_version_is_503", wrong_version),
        Case::new("replaced_interpreter_is_started_again", replaced),
        Case::new("missing_layers_are_503_unless_allowed", weaker_isolation),
    ]
}

pub(crate) fn programs() -> Vec<Case> {
    cases![endless_server, server_without_namespaces]
}

/// A program: a server with a script that ends by no limit of its own.
fn endless_server() {
    let config = cpython_config().limits(patient());
    Client::new(config).run(b"while True: pass");
}

fn warm() -> Client {
    let config = cpython_config().keep_warm(Duration::from_secs(600));
    Client::new(config.limits(patient()))
}

fn with_interpreter(interpreter: &Path) -> Client {
    let config = ScriptConfig::default().engine(Engine::cpython(interpreter));
    Client::new(config.limits(patient()))
}

/// Limits that a busy machine does not reach.
fn patient() -> ScriptLimits {
    zygote::limits(Duration::from_secs(60))
}

/// The interpreter in the index.
fn state(client: &Client) -> Result<String, Failed> {
    let state = client.status()?["interpreter"].clone();
    Ok(state.as_str().ok_or("it is there")?.to_owned())
}

fn unavailable(client: &Client, text: &str) -> Result<(), Failed> {
    let reply = client.run(b"result = 1");
    same((reply.status, reply.text.as_str()), (503, text))?;
    same(reply.retry_after.as_deref(), Some("1"))
}

fn states() -> Result<(), Failed> {
    no_zygote_is_left()?;
    // A program of its own, which no other test has started.
    let config = cpython_config().allow_import("string");
    let client = Client::new(config.keep_warm(Duration::from_secs(600)));
    same(state(&client)?.as_str(), "not started")?;
    answers(&client)?;
    let running = state(&client)?;
    same(running.starts_with("CPython 3."), true)?;
    let zygote = only_zygote()?;
    send("-STOP", zygote)?;
    let stopped = "stopped: the next script replaces it";
    wait_for(|| (state(&client).ok()? == stopped).then_some(())).ok_or(stopped)?;
    send("-CONT", zygote)?;
    wait_for(|| (state(&client).ok()? == running).then_some(())).ok_or("it runs again")?;
    send("-KILL", zygote)?;
    let ended = "ended: the next script replaces it";
    wait_for(|| (state(&client).ok()? == ended).then_some(())).ok_or(ended)?;
    answers(&client)?;
    same(state(&client)?, running)
}

/// The zygote may be killed too, and ends its scripts.
fn killed_script() -> Result<(), Failed> {
    let client = warm();
    no_zygote_is_left()?;
    for zygote_too in [false, true] {
        answers(&client)?;
        no_script_is_left()?;
        std::thread::scope(|scope| {
            let reply = scope.spawn(|| client.run(b"while True: pass"));
            let worker = wait_for(script).ok_or("no script runs")?;
            send("-KILL", if zygote_too { only_zygote()? } else { worker })?;
            let reply = reply.join().map_err(|_| "the client panicked")?;
            let expected = if zygote_too {
                "The process of the script ended with the process that it was forked from"
            } else {
                "The process of the script was killed: the machine or the container ran out of \
                 memory, or another process sent SIGKILL"
            };
            same((reply.status, reply.text.as_str()), (503, expected))
        })?;
    }
    Ok(())
}

fn no_interpreter() -> Result<(), Failed> {
    let folder = Prefix::empty("none")?;
    let script = folder.0.join("script");
    fs::write(&script, "#!/bin/sh\nexec python3 \"$@\"\n")?;
    make_executable(&script)?;
    let plain = folder.0.join("plain");
    fs::write(&plain, "text")?;
    let missing = folder.0.join("missing");
    for (file, reason) in [
        (&missing, "No such file or directory (os error 2)"),
        (&plain, "it is not an executable program"),
        (
            &script,
            "it is a script that starts another program; name that one (`sys.executable`)",
        ),
    ] {
        let client = with_interpreter(file);
        let text = format!(
            "The interpreter {} cannot be used: {reason}",
            file.display()
        );
        unavailable(&client, &text)?;
        same(state(&client)?.as_str(), text.as_str())?;
    }
    // A program that is something else.
    let other = fs::canonicalize("/bin/true")?;
    let text = format!(
        "The interpreter {} cannot be used: it ended before it was ready (exit status 0)",
        other.display()
    );
    let client = with_interpreter(&other);
    unavailable(&client, &text)?;
    same(state(&client)?, text)
}

fn without_ctypes() -> Result<(), Failed> {
    let prefix = Prefix::new("without-ctypes")?;
    fs::remove_dir_all(prefix.library()?.join("ctypes"))?;
    let client = with_interpreter(&prefix.interpreter()?);
    let text = format!(
        "The interpreter {} cannot be used: it has no module 'ctypes', which the sandbox needs",
        prefix.interpreter()?.display()
    );
    unavailable(&client, &text)?;
    same(state(&client)?, text)
}

fn wrong_version() -> Result<(), Failed> {
    let prefix = Prefix::new("wrong-version")?;
    prefix.append(
        "encodings/__init__.py",
        "\nsys.version_info = (3, 8, 1, 'final', 0)\n",
    )?;
    let client = with_interpreter(&prefix.interpreter()?);
    let text = format!(
        "The interpreter {} cannot be used: it is Python 3.8.1, and scripts need CPython 3.9 to 3.14",
        prefix.interpreter()?.display()
    );
    unavailable(&client, &text)?;
    same(state(&client)?, text)
}

fn replaced() -> Result<(), Failed> {
    let prefix = Prefix::new("replaced")?;
    let interpreter = prefix.interpreter()?;
    let client = with_interpreter(&interpreter);
    no_zygote_is_left()?;
    answers(&client)?;
    let first = only_zygote()?;
    // As a package manager does it.
    let next = interpreter.with_extension("new");
    fs::copy(&interpreter, &next)?;
    fs::rename(&next, &interpreter)?;
    same(
        state(&client)?.as_str(),
        "replaced on the disk: the next script uses the new one",
    )?;
    answers(&client)?;
    let second = only_zygote()?;
    same(first == second, false)?;

    fs::copy("/bin/true", &next)?;
    fs::rename(&next, &interpreter)?;
    let text = format!(
        "The interpreter was replaced while this program runs, and the new one does not start. The \
         interpreter {} cannot be used: it ended before it was ready (exit status 0)",
        interpreter.display()
    );
    unavailable(&client, &text)?;
    same(state(&client)?, text)
}

/// In a process of its own, which may not call `unshare`.
fn weaker_isolation() -> Result<(), Failed> {
    let mut program = Program::start("cpython_processes::server_without_namespaces");
    same(
        program.rest().lines().collect::<Vec<_>>(),
        [
            "503 The script was not run: the kernel or the container does not permit these \
             isolation layers: namespaces, pid_namespace, mount_namespace. To run scripts without \
             them, configure `ScriptConfig::allow_weaker_isolation`",
            "namespaces \"off\", seccomp \"on\"",
            "200 42",
            "500 Error executing script: [Errno 1] Operation not permitted",
            "500 Error executing script: the engine failed on this script",
        ],
    )
}

/// The program of the test above.
fn server_without_namespaces() -> Result<(), Failed> {
    refuse_unshare()?;
    let strict = Client::new(cpython_config().limits(patient()).keep_warm(Duration::ZERO));
    let print = |reply: crate::server::client::Reply| println!("{} {}", reply.status, reply.text);
    print(strict.run(b"result = 42"));
    let status = strict.status()?;
    println!(
        "namespaces {}, seccomp {}",
        status["namespaces"], status["seccomp"]
    );
    let weaker = cpython_config().limits(patient()).allow_import("os");
    let weaker = Client::new(weaker.allow_weaker_isolation());
    print(weaker.run(b"result = 42"));
    print(weaker.run(b"import os\nos.kill(1, 0)"));
    print(weaker.run(b"import os\nos.abort()"));
    Ok(())
}

/// `unshare` fails in this process and its children, as many containers have it.
fn refuse_unshare() -> Result<(), Failed> {
    let instruction = |code: u32, jt, jf, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let number = u32::try_from(libc::SYS_unshare)?;
    let refused = libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs();
    let mut filter = [
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, number),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, refused),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    rustix::thread::set_no_new_privs(true)?;
    // SAFETY: `program` points to a filter of the stated length, and both outlive the call.
    let installed = unsafe { libc::prctl(libc::PR_SET_SECCOMP, 2, &raw const program, 0, 0) };
    same(installed, 0)
}

/// An interpreter with a library of its own, so that a test may change both.
struct Prefix(PathBuf);

impl Prefix {
    fn empty(name: &str) -> Result<Self, Failed> {
        let folder = format!("admin-python-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder)?;
        Ok(Self(fs::canonicalize(folder)?))
    }

    fn new(name: &str) -> Result<Self, Failed> {
        let prefix = Self::empty(name)?;
        fs::create_dir_all(prefix.0.join("bin"))?;
        fs::copy(fs::canonicalize(python())?, prefix.interpreter()?)?;
        link_folder(&PathBuf::from(asked("stdlib")?), &prefix.library()?)?;
        Ok(prefix)
    }

    fn interpreter(&self) -> Result<PathBuf, Failed> {
        Ok(self.0.join("bin").join(asked("name")?))
    }

    fn library(&self) -> Result<PathBuf, Failed> {
        Ok(self.0.join(asked("folder")?).join(asked("name")?))
    }

    /// The files are links to those of the system, so that one is replaced and not written to.
    fn append(&self, file: &str, text: &str) -> Result<(), Failed> {
        let file = self.library()?.join(file);
        let content = fs::read_to_string(&file)? + text;
        fs::remove_file(&file)?;
        Ok(fs::write(&file, content)?)
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // a leftover folder fails no test
    }
}

/// A fact of the interpreter that the tests have: its `stdlib`, `name` or library `folder`.
fn asked(fact: &str) -> Result<String, Failed> {
    let expression = match fact {
        "stdlib" => "sysconfig.get_path('stdlib')",
        "folder" => "sys.platlibdir",
        _ => "'python%d.%d' % sys.version_info[:2]",
    };
    let code = format!("import sys, sysconfig; print({expression})");
    let ran = Command::new(python()).args(["-c", &code]).output()?;
    Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
}

/// Links or copies what the standard library needs.
fn link_folder(from: &Path, to: &Path) -> Result<(), Failed> {
    const LEFT_OUT: [&str; 6] = [
        "test",
        "site-packages",
        "dist-packages",
        "idlelib",
        "ensurepip",
        "lib2to3",
    ];
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let (source, target) = (fs::canonicalize(entry.path())?, to.join(name));
        if source.is_dir() {
            link_folder(&source, &target)?;
        } else if fs::hard_link(&source, &target).is_err() {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

fn make_executable(file: &Path) -> Result<(), Failed> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(file, PermissionsExt::from_mode(0o755))?)
}
