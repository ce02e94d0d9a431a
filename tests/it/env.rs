//! `GET /env` of a live process.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use admin_tests::{ask, change_environment};

use crate::started;

/// Runs one test of this binary again, in a process with only these variables and a marker.
fn run_again(test: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env("ENV_TEST_CHILD", "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn secrets_are_masked_and_other_variables_shown() {
    if std::env::var_os("ENV_TEST_CHILD").is_some() {
        let server = started();
        let reply = ask(server.local_addr(), "GET", "/env", &[]);
        assert_eq!(reply.header("content-type"), "application/json");
        print!("\n<<<{}>>>\n", reply.body);
        return;
    }
    let output = run_again(
        "env::secrets_are_masked_and_other_variables_shown",
        &[
            ("HOME", "/root"),
            ("DB_PASSWORD", "hunter2"),
            ("DATABASE", "postgres://user:hunter2@db/x"),
        ],
    );
    let stdout = String::from_utf8_lossy(&output.stdout);
    let body = stdout
        .split("<<<")
        .nth(1)
        .and_then(|rest| rest.split(">>>").next())
        .expect(&stdout);
    let expected = "{\n  \"DATABASE\": \"postgres://user:******@db/x\",\n  \"DB_PASSWORD\": \"******\",\n  \"ENV_TEST_CHILD\": \"1\",\n  \"HOME\": \"/root\"\n}";
    assert_eq!(body, expected);
}

const READS: usize = 2000;

#[test]
fn concurrent_setenv_does_not_crash_the_process() {
    if std::env::var_os("ENV_TEST_CHILD").is_some() {
        let server = started();
        std::thread::Builder::new()
            .spawn(change_environment)
            .unwrap();
        for _ in 0..READS {
            let body = ask(server.local_addr(), "GET", "/env", &[]).body;
            let variables: serde_json::Map<_, _> = serde_json::from_str(&body).unwrap();
            assert_eq!(variables["STABLE_FIRST"], "1", "{body}");
            assert_eq!(variables["STABLE_LAST"], "2", "{body}");
            let grown = variables
                .iter()
                .filter(|(name, _)| name.starts_with("GROWN_"));
            for (name, value) in grown {
                assert_eq!(value, &format!("value of {name}"), "{body}");
            }
        }
        print!("\n<<<read>>>\n");
        return;
    }
    let output = run_again(
        "env::concurrent_setenv_does_not_crash_the_process",
        &[("STABLE_FIRST", "1"), ("STABLE_LAST", "2")],
    );
    let stdout = String::from_utf8_lossy(&output.stdout);
    let signal = output.status.signal();
    assert!(stdout.contains("<<<read>>>"), "signal {signal:?}\n{stdout}");
}
