//! Replies that are sent in parts, to clients that read slowly.

use std::fs;
use std::io::{Read, Write};
use std::process::Command;

use admin_runtime::{Response, admin_endpoint};
use admin_tests::connect;

use crate::builder;
use crate::certificates::Authority;
use crate::folder::Folder;
use crate::tls::tls_listener;

/// More than the sockets of both sides hold.
const BYTES: usize = 12_000_001;

fn large() -> Vec<u8> {
    // A prime, so that no part begins as another one.
    (0..BYTES).map(|index| (index % 251) as u8).collect()
}

#[admin_endpoint(path = "/large")]
async fn large_reply() -> Response {
    Response::bytes("application/octet-stream", large())
}

/// A stream whose chunks are larger than a part.
#[admin_endpoint(path = "/large-stream")]
async fn large_stream() -> Response {
    let chunks: Vec<_> = large()
        .chunks(1_000_000)
        .map(|part| Ok(part.to_vec().into()))
        .collect();
    Response::stream(
        "application/octet-stream",
        futures_util::stream::iter(chunks),
    )
}

#[test]
fn slow_readers_get_every_byte() {
    let folder = Folder::new("large-replies");
    let authority = Authority::new("ca");
    let listener = tls_listener(&folder, &authority);
    let server = builder().listen(listener).start().unwrap();
    let ports = server
        .listeners()
        .iter()
        .map(|one| one.local_addr().unwrap().port());
    let expected = large();
    for (scheme, port) in ["http", "https"].into_iter().zip(ports) {
        for path in ["/large", "/large-stream"] {
            let files = [folder.file("first"), folder.file("second")];
            let mut curl = Command::new("curl");
            curl.args([
                "-sS",
                "--noproxy",
                "*",
                "--max-time",
                "60",
                "--limit-rate",
                "24M",
            ]);
            curl.args(["--cacert", &folder.file("ca.crt")]);
            for file in &files {
                // Both on one connection.
                curl.args(["-o", file, &format!("{scheme}://localhost:{port}{path}")]);
            }
            let output = curl.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            for file in &files {
                assert!(fs::read(file).unwrap() == expected, "{scheme} {path}");
            }
        }
    }
}

#[test]
fn length_of_a_large_reply_is_whole() {
    let server = builder().start().unwrap();
    let mut client = connect(server.local_addr());
    let request = "GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    let mut reply = Vec::new();
    client.read_to_end(&mut reply).unwrap();
    let head = reply
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let text = String::from_utf8_lossy(&reply[..head]);
    assert!(text.contains(&format!("content-length: {BYTES}")), "{text}");
    assert!(reply[head + 4..] == large());
}
