//! `GET /env` of a live process.

use std::process::Command;

use admin_tests::ask;

use crate::started;

/// Runs this test binary again with an environment of its own and asks it over a socket.
#[test]
fn secrets_are_masked_and_other_variables_shown() {
    if std::env::var_os("ENV_TEST_CHILD").is_some() {
        let server = started();
        let reply = ask(server.local_addr(), "GET", "/env", &[]);
        assert_eq!(reply.header("content-type"), "application/json");
        print!("\n<<<{}>>>\n", reply.body);
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "env::secrets_are_masked_and_other_variables_shown",
            "--nocapture",
        ])
        .env_clear()
        .env("ENV_TEST_CHILD", "1")
        .env("HOME", "/root")
        .env("DB_PASSWORD", "hunter2")
        .env("DATABASE", "postgres://user:hunter2@db/x")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let body = stdout
        .split("<<<")
        .nth(1)
        .and_then(|rest| rest.split(">>>").next())
        .expect(&stdout);
    let expected = "{\n  \"DATABASE\": \"postgres://user:******@db/x\",\n  \"DB_PASSWORD\": \"******\",\n  \"ENV_TEST_CHILD\": \"1\",\n  \"HOME\": \"/root\"\n}";
    assert_eq!(body, expected);
}
