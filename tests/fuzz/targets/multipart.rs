//! Uploads: each is answered, and a form that is written as the standard says arrives byte for byte.
//!
//! The last byte selects the form. Either the input is the body, or it is cut at 0xff into the contents of
//! parts, of which the last one with the name counts.

#![no_main]

use std::sync::{LazyLock, Mutex, PoisonError};

use admin_runtime::testing::TestResponse;
use admin_runtime::{AdminServer, Upload, admin_endpoint};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

static PLANE: LazyLock<(Runtime, AdminServer)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let server = AdminServer::builder().trust_loopback().build();
    (runtime, server.expect("a server"))
});

/// The file that arrived last: its name and its content.
static ARRIVED: Mutex<Option<(Option<String>, Vec<u8>)>> = Mutex::new(None);

#[admin_endpoint(method = "POST", path = "/upload")]
async fn upload(file: Upload) {
    let name = file.file_name().map(str::to_owned);
    let arrived = (name, file.bytes().to_vec());
    *ARRIVED.lock().unwrap_or_else(PoisonError::into_inner) = Some(arrived);
}

fuzz_target!(|data: &[u8]| {
    let (&mode, data) = data.split_last().unwrap_or((&0, &[]));
    if mode & 1 == 0 {
        let content_type = match mode & 6 {
            0 => "multipart/form-data; boundary=x",
            2 => "multipart/form-data; boundary=\"x\"; charset=utf-8",
            4 => "multipart/form-data",
            _ => "text/plain",
        };
        let reply = post(content_type, data.to_vec());
        assert_sound(&reply);
        return;
    }
    let parts: Vec<&[u8]> = data.split(|byte| *byte == 0xff).collect();
    if parts.iter().any(|part| contains(part, b"\r\n--x")) {
        return;
    }
    let named = |at: usize| mode & 2 == 0 || at.is_multiple_of(2);
    let reply = post("multipart/form-data; boundary=x", form(&parts, named));
    assert_eq!(reply.status().as_u16(), 204, "{}", reply.text());
    let last = (0..parts.len())
        .rfind(|at| named(*at))
        .expect("the first part");
    let arrived = ARRIVED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let (name, content) = arrived.expect("a file");
    assert_eq!(name, Some(format!("f{last}")));
    assert_eq!(content, parts[last]);
});

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A form with these files; those without the name have another one.
fn form(parts: &[&[u8]], named: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut body = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let name = if named(at) { "file" } else { "other" };
        let disposition = format!("form-data; name=\"{name}\"; filename=\"f{at}\"");
        body.extend(format!("--x\r\nContent-Disposition: {disposition}\r\n\r\n").bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    body
}

fn post(content_type: &str, body: Vec<u8>) -> TestResponse {
    let (runtime, server) = &*PLANE;
    runtime.block_on(async {
        let request = server.test_client().post("/upload");
        request
            .header("content-type", content_type)
            .body(body)
            .await
    })
}

/// What a client sent may be repeated, so that words do not tell; a panic would be a 500.
fn assert_sound(reply: &TestResponse) {
    let (status, text) = (reply.status().as_u16(), reply.text());
    assert!(matches!(status, 204 | 400 | 415), "{status} {text:?}");
}
