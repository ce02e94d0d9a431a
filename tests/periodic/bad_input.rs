//! Names that are hard to write in a path, with a real client.

use admin_runtime::RunningServer;
use admin_tests::curl;
use serde_json::Value;

use crate::threads::Switch;
use crate::{EVENT_TIMEOUT, started};

/// curl sends the path as it is written.
fn get(server: &RunningServer, path: &str) -> Value {
    let url = format!("http://{}{path}", server.local_addr());
    curl(&["--path-as-is"], &url).json()
}

#[test]
fn percent_encoded_thread_names_are_found() {
    let server = started("names", &Switch::default());
    for (name, encoded) in [
        ("a/b", "a%2Fb"),
        ("say \"hi\"", "say%20%22hi%22"),
        ("größe 漢", "gr%C3%B6%C3%9Fe%20%E6%BC%A2"),
        ("50%", "50%25"),
        ("a%2Fb", "a%252Fb"),
        ("q?x=1#y", "q%3Fx=1%23y"),
    ] {
        let thread = server.periodic_threads().builder(name).run(|| ()).unwrap();
        assert!(thread.wait_until(EVENT_TIMEOUT, |status| status.total_runs > 0));
        let one = get(&server, &format!("/periodic-threads/{encoded}"));
        assert_eq!(
            (&one["name"], &one["state"]),
            (&name.into(), &"waiting".into())
        );
        drop(thread);
        let gone = get(&server, &format!("/periodic-threads/{encoded}"));
        assert_eq!(gone["error"], format!("Thread not found: {name}"));
    }
}

#[test]
fn an_endless_name_is_not_echoed_whole() {
    let server = started("echo", &Switch::default());
    let reply = get(&server, &format!("/periodic-threads/{}", "x".repeat(7000)));
    assert!(reply["error"].as_str().unwrap().len() < 300);
}
