//! Two clients: curl, as in the papers, and one that is a library.

use std::process::Command;

use serde_json::Value;
use ureq::Agent;

/// What curl prints; it must succeed.
pub(crate) fn curl(args: &[&str]) -> String {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "30",
            "--noproxy",
            "*",
        ])
        .args(args)
        .output()
        .expect("curl is installed");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "curl {args:?}: {stderr}");
    String::from_utf8(output.stdout).expect("the answer is UTF-8")
}

/// The same as JSON.
pub(crate) fn curl_json(args: &[&str]) -> Value {
    let text = curl(args);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error} in {text}"))
}

/// The status and the text of a GET, with a token or without.
pub(crate) fn get(url: &str, token: Option<&str>) -> (u16, String) {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let mut request = agent.get(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut reply = request.call().expect("the server answers");
    let text = reply.body_mut().read_to_string();
    (reply.status().as_u16(), text.expect("the answer is UTF-8"))
}
