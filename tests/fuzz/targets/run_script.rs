//! Requests of `POST /run_script`: each is answered in time, without internals of the server.
//!
//! The input is a script; its last byte selects the form of the request. The interpreter runs in
//! other processes, whose coverage is not measured here; the rewriting before it also runs here,
//! and its properties are asserted.

#![no_main]
#![allow(clippy::disallowed_methods, reason = "each answer has a deadline")]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

#[cfg(fuzzing)]
use admin_endpoints::script::fuzzing::assert_rewriting_properties;
use admin_endpoints::script::{ScriptConfig, ScriptLimits, init};
use admin_runtime::AdminServer;
use admin_runtime::testing::TestResponse;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

admin_runtime::link!(admin_endpoints);

/// The time limit of a script; an answer may take a second more.
const WALL: Duration = Duration::from_secs(2);

static PLANE: LazyLock<(Runtime, AdminServer)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let limits = ScriptLimits::default()
        .with_max_wall_time(WALL)
        .with_max_cpu_time(Duration::from_millis(200));
    let config = ScriptConfig::default()
        .allow_imports(ScriptConfig::embedded_modules().iter().copied())
        .limits(limits);
    let server = AdminServer::builder()
        .config(config)
        .trust_loopback()
        .build()
        .expect("a server");
    (runtime, server)
});

fuzz_target!(init: init(), |data: &[u8]| {
    let (&mode, source) = data.split_last().unwrap_or((&0, &[]));
    #[cfg(fuzzing)]
    if let Ok(source) = str::from_utf8(source) {
        assert_rewriting_properties(source);
    }
    let (content_type, body) = form(source, mode);
    let target = if mode & 1 == 0 {
        "/run_script"
    } else {
        "/run_script?output=true"
    };
    let began = Instant::now();
    let (runtime, server) = &*PLANE;
    let reply = runtime.block_on(async {
        let request = server.test_client().post(target);
        request.header("content-type", content_type).body(body).await
    });
    assert_sound(&reply, source);
    assert!(began.elapsed() < WALL + Duration::from_secs(1), "late");
});

/// A form as curl writes it; most modes leave it as it is.
fn form(source: &[u8], mode: u8) -> (&'static str, Vec<u8>) {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"script\"; filename=\"s.py\"\r\n\r\n"
            .to_vec();
    body.extend_from_slice(source);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let content_type = match mode {
        0x80..0x90 => "text/plain",
        0x90..0xa0 => "multipart/form-data",
        0xa0..0xb0 => "multipart/form-data; boundary=y",
        _ => "multipart/form-data; boundary=x",
    };
    match mode {
        0xb0..0xd0 => body.truncate(body.len() * usize::from(mode - 0xb0) / 32),
        0xd0.. => body.drain(..usize::from(mode - 0xd0)).for_each(drop),
        _ => {}
    }
    (content_type, body)
}

fn assert_sound(reply: &TestResponse, source: &[u8]) {
    let (status, text) = (reply.status().as_u16(), reply.text());
    let expected = match status {
        200 => true,
        400 => text.starts_with("No script") || text.starts_with("Malformed"),
        // Printed text may come first.
        500 => text.contains("Error executing script: "),
        _ => false,
    };
    assert!(expected, "not an answer of this route: {status} {text:?}");
    let source = String::from_utf8_lossy(source);
    for word in ["panicked", ".rs:", "monty", "without an answer"] {
        let tells = text.contains(word) && !source.contains(word);
        assert!(!tells, "tells of its inside: {text:?}");
    }
}
