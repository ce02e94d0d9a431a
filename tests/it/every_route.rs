//! What the contract says of every route.

use admin_tests::{ask, send};

use crate::endpoints::Echo;
use crate::started;

fn error(body: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(body).expect(body);
    value["error"].as_str().expect(body).to_owned()
}

#[test]
fn parameters_come_from_path_and_query() {
    let server = started();
    let target = "/echo/a%2Fb%20c?number=-7&switch=YES&tag=x&tag=y+z&unknown=1&number=8";
    let reply = ask(server.local_addr(), "GET", target, &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/json");
    let echo: Echo = serde_json::from_str(&reply.body).unwrap();
    let tag = vec!["x".to_owned(), "y z".to_owned()];
    assert_eq!(
        echo,
        Echo {
            text: "a/b c".into(),
            number: Some(8),
            flag: true,
            tag
        }
    );
}

#[test]
fn parse_errors_name_what_is_allowed() {
    let server = started();
    for (target, expected) in [
        (
            "/echo/x?number=many",
            "Invalid value for parameter 'number': 'many'; expected an integer from -2147483648 to 2147483647",
        ),
        (
            "/echo/x?switch=perhaps",
            "Invalid value for parameter 'switch': 'perhaps'; expected one of true, false, 1, 0, yes, no, on, off",
        ),
    ] {
        let reply = ask(server.local_addr(), "GET", target, &[]);
        assert_eq!((reply.status, error(&reply.body).as_str()), (400, expected));
    }
    for (target, expected) in [
        (
            "/sync",
            "Missing parameter 'type': expected an integer from 0 to 255",
        ),
        (
            "/sync?type=256",
            "Invalid value for parameter 'type': '256'; expected an integer from 0 to 255",
        ),
    ] {
        let reply = ask(server.local_addr(), "GET", target, &[]);
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (400, expected),
            "a text route answers in text"
        );
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    }
}

#[test]
fn unknown_paths_and_methods_are_refused() {
    let server = started();
    let at = server.local_addr();
    for (target, message) in [
        ("/nope", "Not found: /nope"),
        ("/env/", "Not found: /env/"),
        ("//env", "Not found: //env"),
        ("/ENV", "Not found: /ENV"),
        ("/echo", "Not found: /echo"),
        ("/echo/", "Not found: /echo/"),
        ("/env%2F", "Not found: /env%2F"),
        ("/%3Cscript%3E", "Not found: /%3Cscript%3E"),
    ] {
        let reply = ask(at, "GET", target, &[]);
        assert_eq!((reply.status, error(&reply.body).as_str()), (404, message));
    }
    let reply = ask(at, "POST", "/env", &[]);
    assert_eq!(
        (reply.status, error(&reply.body).as_str()),
        (405, "Method not allowed: POST /env")
    );
    assert_eq!(reply.header("allow"), "GET, HEAD");
    let reply = ask(at, "BREW", "/change", &[]);
    assert_eq!((reply.status, reply.header("allow")), (405, "POST"));
    assert_eq!(ask(at, "GET", "/echo/%ff", &[]).status, 400);
    assert_eq!(ask(at, "GET", "/echo/x?tag=%ff", &[]).status, 400);
    assert_eq!(ask(at, "GET", "/%65nv", &[]).status, 200);
}

#[test]
fn head_is_get_without_its_body() {
    let server = started();
    for target in ["/env", "/echo/x", "/nope", "/panic"] {
        let get = ask(server.local_addr(), "GET", target, &["x-request-id: same"]);
        let head = ask(server.local_addr(), "HEAD", target, &["x-request-id: same"]);
        assert_eq!(
            (get.status, head.body.as_str()),
            (head.status, ""),
            "{target}"
        );
        assert_eq!(
            get.header("content-length"),
            head.header("content-length"),
            "{target}"
        );
        assert_eq!(
            get.header("content-type"),
            head.header("content-type"),
            "{target}"
        );
    }
}

#[test]
fn every_reply_has_a_request_id() {
    let server = started();
    let at = server.local_addr();
    for target in [
        "/env",
        "/nope",
        "/panic",
        "/echo/x?number=a",
        "/teapot",
        "/stream",
    ] {
        let own = ask(at, "GET", target, &[]);
        assert_eq!(own.header("x-request-id").len(), 16, "{target}: {own:?}");
        let sent = ask(at, "GET", target, &["X-Request-Id: trace-7"]);
        assert_eq!(sent.header("x-request-id"), "trace-7", "{target}");
    }
}

#[test]
fn a_failure_shows_its_id_and_nothing_else() {
    let server = started();
    for (target, body) in [
        ("/panic", "Internal error (id-9)"),
        ("/panic/sync", "Internal error (id-9)"),
        ("/fail", r#"{"error":"Internal error (id-9)"}"#),
    ] {
        let reply = ask(server.local_addr(), "GET", target, &["x-request-id: id-9"]);
        assert_eq!((reply.status, reply.body.as_str()), (500, body), "{target}");
    }
    assert_eq!(
        ask(server.local_addr(), "GET", "/env", &[]).status,
        200,
        "the server lives"
    );
}

#[test]
fn bodies_statuses_and_streams() {
    let server = started();
    let at = server.local_addr();
    let reply = ask(at, "GET", "/teapot", &[]);
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (418, "short and stout")
    );
    let reply = ask(at, "POST", "/change", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    let reply = ask(at, "GET", "/stream", &[]);
    assert!(
        reply.body.contains('a') && reply.body.contains('c'),
        "{reply:?}"
    );
    let json = br#"{"text":"t","number":null,"flag":true,"tag":[]}"#;
    let reply = send(
        at,
        "POST",
        "/json",
        &["Content-Type: application/json; charset=utf-8"],
        json,
    );
    assert_eq!(
        (reply.status, reply.body.as_bytes()),
        (200, json.as_slice())
    );
    assert_eq!(
        send(at, "POST", "/json", &["Content-Type: text/plain"], json).status,
        415
    );
    let reply = send(
        at,
        "POST",
        "/json",
        &["Content-Type: application/json"],
        b"{",
    );
    assert_eq!(reply.status, 400);
    assert!(
        error(&reply.body).starts_with("Invalid JSON body: "),
        "{reply:?}"
    );
}

#[test]
fn multipart_uploads_are_read() {
    let server = started();
    let form = |name: &str| {
        format!(
            "--B\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.py\"\r\nContent-Type: text/x-python\r\n\r\n1+1\r\n--B--\r\n"
        )
    };
    let kind = ["Content-Type: multipart/form-data; boundary=B"];
    let reply = send(
        server.local_addr(),
        "POST",
        "/upload",
        &kind,
        form("file").as_bytes(),
    );
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (200, "Some(\"a.py\") 3")
    );
    let reply = send(
        server.local_addr(),
        "POST",
        "/upload",
        &kind,
        form("files").as_bytes(),
    );
    assert_eq!(reply.status, 400);
    assert!(reply.body.starts_with("Missing file 'file'"), "{reply:?}");
    let reply = send(
        server.local_addr(),
        "POST",
        "/upload",
        &kind,
        b"--B\r\nContent",
    );
    assert_eq!(reply.status, 400);
    let reply = send(server.local_addr(), "POST", "/upload", &[], b"x");
    assert_eq!(reply.status, 400);

    let url = format!("http://{}/echo/client?tag=1", server.local_addr());
    let text = ureq::get(&url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert_eq!(
        text,
        r#"{"text":"client","number":null,"flag":false,"tag":["1"]}"#
    );
}

#[test]
fn the_index_lists_everything_that_is_linked() {
    let server = started();
    let reply = ask(server.local_addr(), "GET", "/", &[]);
    let index: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    let endpoints = index["endpoints"].as_array().unwrap();
    let keys: Vec<_> = endpoints
        .iter()
        .map(|entry| {
            (
                entry["path"].as_str().unwrap(),
                entry["method"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(keys.is_sorted_by_key(|(path, _)| *path), "{keys:?}");
    for path in ["/", "/env", "/echo/{text}", "/change"] {
        assert!(keys.iter().any(|(listed, _)| *listed == path), "{path}");
    }
    let echo = endpoints
        .iter()
        .find(|entry| entry["path"] == "/echo/{text}")
        .unwrap();
    assert_eq!(echo["summary"], "Repeat parameters.");
    assert_eq!(echo["effect"], "read");
    assert_eq!(echo["crate"], "it");
    assert!(
        echo["source"]
            .as_str()
            .unwrap()
            .starts_with("it/endpoints.rs:"),
        "{echo}"
    );
    let parameters = echo["parameters"].as_array().unwrap();
    let shapes: Vec<_> = parameters
        .iter()
        .map(|p| {
            (
                p["name"].as_str().unwrap(),
                p["in"].as_str().unwrap(),
                p["type"].as_str().unwrap(),
                p["required"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shapes,
        [
            ("text", "path", "string", true),
            ("number", "query", "integer", false),
            ("switch", "query", "boolean", false),
            ("tag", "query", "string[]", false),
        ]
    );
    assert_eq!(parameters[0]["description"], "Any text.");
    assert!(
        !reply.body.contains(env!("CARGO_MANIFEST_DIR")),
        "no path of the build machine"
    );
}

#[test]
fn the_function_stays_callable_as_written() {
    let text = crate::endpoints::call_sync();
    assert!(text.starts_with("type 7"), "{text}");
}

#[test]
fn the_six_lines_of_the_readme_answer() {
    let server = started();
    let reply = ask(
        server.local_addr(),
        "GET",
        "/greet/ada?times=2&shout=yes",
        &[],
    );
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (200, r#"["ADA","ADA"]"#)
    );
    // The same tokens, whatever the formatter makes of them.
    let tokens = |text: &str| text.split_whitespace().collect::<String>();
    let (readme, here) = (
        include_str!("../../README.md"),
        include_str!("endpoints.rs"),
    );
    let six = readme
        .split("use admin_runtime::{Json, admin_endpoint};")
        .nth(1)
        .unwrap();
    let six = six.split("```").next().unwrap();
    assert!(tokens(here).contains(&tokens(six)), "{six}");
}
