//! Scripts run in a program that is built as small as Cargo can: fat LTO, `panic = "abort"`,
//! stripped. Link-time optimisation must not drop the function that runs before `main`.
//!
//! The first run builds the engine for minutes; later ones only link.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use admin_tests::{Case, cases};

/// What the first build may take.
const TIMEOUT: Duration = Duration::from_secs(3600);

pub(crate) fn cases() -> Vec<Case> {
    let cases = cases![scripts_run_after_fat_lto_abort_and_strip].into_iter();
    cases
        .map(|case| case.with_timeout(TIMEOUT).alone())
        .collect()
}

const MANIFEST: &str = r#"
[workspace]

[package]
name = "release-profile"
version = "0.0.0"
edition = "2024"

[dependencies]
admin-runtime = { path = "ROOT/admin-runtime" }
admin-endpoints = { path = "ROOT/admin-endpoints", default-features = false, features = ["run-script"] }
tracing-subscriber = { version = "0.3", default-features = false, features = ["fmt", "std"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[profile.release]
codegen-units = 1
debug = false
lto = "fat"
opt-level = 1 # the optimisation that matters here is that of the linker
panic = "abort"
strip = true
"#;

const PROGRAM: &str = r#"
admin_runtime::link!(admin_endpoints);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    admin_endpoints::script::init();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let server = admin_runtime::AdminServer::builder().bind("127.0.0.1:0").start()?;
    println!("http://{}", server.local_addr());
    std::io::stdin().read_line(&mut String::new())?; // until the test has ended
    Ok(())
}
"#;

fn scripts_run_after_fat_lto_abort_and_strip() {
    let mut program = Command::new(build())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut origin = String::new();
    let output = program.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut origin)
        .expect("an address");
    let mut warning = String::new();
    // Open until the program ends, which cannot write its log otherwise.
    let mut log = BufReader::new(program.stderr.take().expect("its log"));
    log.read_line(&mut warning).expect("a line of the log");
    let target = format!("{}/run_script", origin.trim());
    let answers = [
        ("result = 6 * 7", "42"),
        (
            "x = 'x' * 10 ** 9",
            "Error executing script: memory limit of 64 MiB exceeded",
        ),
        ("result = 1", "1"),
    ]
    .map(|(source, expected)| (run(&target, source), expected));
    program.kill().expect("it runs");
    program.wait().expect("it has ended");
    for (answer, expected) in answers {
        assert_eq!(answer, expected);
    }
    let expected = "a panic in an endpoint or a periodic thread ends it";
    assert!(warning.contains(expected), "{warning}");
}

fn run(target: &str, source: &str) -> String {
    let form = format!(
        "--B\r\nContent-Disposition: form-data; name=\"script\"; filename=\"s.py\"\r\n\r\n\
         {source}\r\n--B--\r\n"
    );
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let reply = agent
        .post(target)
        .header("content-type", "multipart/form-data; boundary=B")
        .send(form);
    let body = reply.expect("a reply").into_body().read_to_string();
    body.expect("text")
}

/// Builds the program in a target folder of its own and returns its path.
fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.parent().expect("the workspace");
    let folder = root.join("target/script-release-profile");
    fs::create_dir_all(folder.join("src")).expect("a folder");
    let manifest = MANIFEST.replace("ROOT", root.to_str().expect("a path of UTF-8"));
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(folder.join("src/main.rs"), PROGRAM).expect("a program");
    // The versions that the project is tested with.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--offline", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the program does not build");
    folder.join("target/release/release-profile")
}
