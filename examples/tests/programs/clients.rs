//! A client that is a library, beside the curl of `admin_tests`.

use ureq::Agent;

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
