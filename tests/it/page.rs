//! `GET /` for browsers.

use std::io::Write;
use std::process::{Command, Stdio};

use admin_runtime::admin_endpoint;
use admin_tests::ask;

use crate::started;

/// Summaries may say <script>alert("anything")</script> & more.
#[admin_endpoint(path = "/hostile")]
async fn hostile(
    /// <img src=x onerror=alert(1)>
    #[param(default = "<b>\"'")]
    text: String,
) -> String {
    text
}

/// What a browser sends.
const BROWSER: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// The page without scripts, also where a page with scripts is linked.
const LIST: &str = "/?format=list";

#[test]
fn browsers_get_a_page_and_programs_json() {
    let server = started();
    let at = server.local_addr();
    for (headers, content_type) in [
        (&[BROWSER][..], "text/html; charset=utf-8"),
        (&["Accept: */*"], "application/json"),
        (&["Accept: application/json"], "application/json"),
        (&[], "application/json"),
    ] {
        let reply = ask(at, "GET", "/", headers);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, content_type)
        );
        assert!(reply.header("vary").starts_with("Accept"), "{}", reply.head);
    }
}

#[test]
fn the_page_lists_and_links_everything() {
    let server = started();
    let page = ask(server.local_addr(), "GET", LIST, &[BROWSER]).body;
    for endpoint in server.registry().endpoints() {
        let heading = format!("<h2 id=\"{}:{}\">", endpoint.method(), endpoint.path());
        assert!(page.contains(&heading), "{heading}");
        let jump = format!("href=\"#{}:{}\"", endpoint.method(), endpoint.path());
        assert!(page.contains(&jump), "{jump}");
    }
    for link in ["./env", "./level", "./openapi.json", "./hostile"] {
        assert!(page.contains(&format!("<a href=\"{link}\">")), "{link}");
    }
    for no_link in ["./sync", "./change", "./echo"] {
        assert!(!page.contains(&format!("<a href=\"{no_link}")), "{no_link}");
    }
    assert!(page.contains("Repeat parameters.") && page.contains("crate <code>it</code>"));
    assert!(page.contains("With <code>set</code> it is"));
}

#[test]
fn the_index_says_how_each_endpoint_is_now() {
    let server = started();
    let index: serde_json::Value =
        serde_json::from_str(&ask(server.local_addr(), "GET", "/", &[]).body).unwrap();
    let entries = index["endpoints"].as_array().unwrap();
    let status = |path: &str| {
        let entry = entries.iter().find(|entry| entry["path"] == path).unwrap();
        entry["status"].clone()
    };
    assert_eq!(status("/name"), serde_json::json!({"name": "one"}));
    assert_eq!(status("/sync"), serde_json::Value::Null);
    let ill = status("/ill")["status"].to_string();
    assert!(ill.starts_with("\"Internal error ("), "{ill}");
    // Without the line in main, the route says which.
    let init = status("/run_script")["init"].to_string();
    assert!(init.contains("script::init()"), "{init}");
    let recorder = status("/metrics")["recorder"].to_string();
    assert!(recorder.contains("metrics::install()"), "{recorder}");

    let page = ask(server.local_addr(), "GET", LIST, &[BROWSER]).body;
    assert!(page.contains("<li>name: one</li>"), "{page}");
    assert!(!page.contains("a secret of the program"));
}

#[test]
fn nothing_of_the_page_runs() {
    let server = started();
    let reply = ask(server.local_addr(), "GET", LIST, &[BROWSER]);
    for markup in [
        "<script",
        "<img",
        "<b>",
        "onerror=\"",
        "http:",
        "https:",
        "url(",
    ] {
        assert!(!reply.body.contains(markup), "{markup}");
    }
    assert!(reply.body.contains("&lt;img src=x onerror=alert(1)&gt;"));
    let policy = reply.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn the_policy_allows_the_style() {
    let server = started();
    let reply = ask(server.local_addr(), "GET", LIST, &[BROWSER]);
    let (_, rest) = reply.body.split_once("<style>").expect("a style");
    let (style, _) = rest.split_once("</style>").expect("its end");
    let digest = sha256(style);
    let policy = reply.header("content-security-policy");
    assert!(
        policy.contains(&format!("'sha256-{digest}'")),
        "write {digest} into index/page.rs"
    );
}

fn sha256(text: &str) -> String {
    let program = "import base64, hashlib, sys; print(base64.b64encode(hashlib.sha256(sys.stdin.buffer.read()).digest()).decode())";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut input = python.stdin.take().expect("a pipe");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    let output = python.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
