//! Several listeners of one server: TCP and Unix sockets, each with rules of its own.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;

use admin_runtime::describe::Effect;
use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Builder, StartError};
use admin_tests::{ask, ask_unix, curl, poll_until};

use crate::endpoints::Name;
use crate::folder::Folder;
use crate::log::log;

/// One without an address.
fn builder() -> Builder {
    AdminServer::builder().state(Name("one"))
}

#[test]
fn each_listener_has_its_own_rules() {
    let server = builder()
        .listen(Listener::tcp("127.0.0.1:0"))
        .listen(Listener::tcp("[::1]:0").max_effect(Effect::Read))
        .listen(Listener::tcp("127.0.0.1:0").only(["/name", "GET /level", "/openapi.json", "/"]))
        .start()
        .unwrap();
    let addresses: Vec<_> = server
        .listeners()
        .iter()
        .map(|listener| listener.local_addr().unwrap())
        .collect();
    let [all, reads, some] = addresses[..] else {
        panic!("{addresses:?}")
    };
    assert_eq!(server.local_addr(), all);
    for at in [all, reads, some] {
        assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    }
    assert_eq!(ask(all, "POST", "/change", &[]).status, 204);
    let refused = ask(reads, "POST", "/change", &[]);
    assert_eq!(refused.status, 403);
    let text = format!("The listener {reads} permits effects up to `read`");
    assert!(refused.body.contains(&text), "{refused:?}");
    let raised = ask(reads, "GET", "/level?set=1", &[]);
    assert_eq!(raised.status, 403, "{raised:?}");

    // As paths that do not exist.
    for (method, target) in [("POST", "/change"), ("GET", "/echo/x"), ("PUT", "/echo/x")] {
        let hidden = ask(some, method, target, &[]);
        let unknown = format!("{{\"error\":\"Not found: {target}\"}}");
        assert_eq!((hidden.status, hidden.body), (404, unknown));
    }
    assert_eq!(ask(some, "GET", "/level?set=1", &[]).status, 200);
    let not_allowed = ask(some, "POST", "/name", &[]);
    assert_eq!(not_allowed.status, 405, "{not_allowed:?}");
    let index = ask(some, "GET", "/", &[]).body;
    let document = ask(some, "GET", "/openapi.json", &[]).body;
    for shown in [index, document] {
        assert!(
            shown.contains("/name") && !shown.contains("/change"),
            "{shown}"
        );
    }
}

#[test]
fn all_listeners_that_fail_are_one_error() {
    let folder = Folder::new("fail");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let plain = folder.0.join("plain");
    fs::write(&plain, "data").unwrap();
    let served = folder.0.join("served");
    let other = builder().listen(Listener::unix(&served)).start().unwrap();
    let error = builder()
        .bind(address)
        .listen(Listener::unix(folder.socket()))
        .listen(Listener::unix(&plain))
        .listen(Listener::unix("/nonexistent/admin.sock"))
        .listen(Listener::unix(&served))
        .start()
        .unwrap_err();
    let text = error.to_string();
    let StartError::Listen { problems, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(problems.len(), 4, "{text}");
    for expected in [
        &*format!("{address}: Address already in use"),
        "plain: a file that is not a socket is there",
        "/nonexistent/admin.sock: No such file or directory",
        "served: another server listens there",
    ] {
        assert!(text.contains(expected), "{text}");
    }
    assert!(
        !folder.socket().exists(),
        "the one that could be bound is removed"
    );
    assert_eq!(ask_unix(&served, "GET", "/name", &[]).body, "one");
    drop(other);
}

#[test]
fn problems_of_settings_and_listeners_are_one_error() {
    let folder = Folder::new("listeners-problems");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = folder.0.join("missing").join("admin.sock");
    let free = folder.0.join("free.sock");
    let error = builder()
        .token_file(folder.0.join("tokens"))
        .bind(taken.local_addr().unwrap())
        .listen(Listener::unix(&socket))
        .listen(Listener::unix(&free))
        .listen(Listener::tcp("127.0.0.1:0").tls("/nonexistent/tls.crt", "/nonexistent/tls.key"))
        .start()
        .unwrap_err();
    let StartError::Build(error) = error else {
        panic!("{error}");
    };
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 4, "{problems:#?}");
    for (problem, expected) in problems.iter().zip([
        "token_file(",
        "Address already in use",
        "missing/admin.sock: No such file or directory",
        "/nonexistent/tls.crt: No such file or directory",
    ]) {
        assert!(problem.contains(expected), "{problems:#?}");
    }
    assert!(!free.exists(), "what was opened is closed");
}

#[test]
fn the_log_says_what_is_public_and_weak() {
    let folder = Folder::new("listeners-weak");
    let tokens = folder.0.join("tokens");
    fs::write(&tokens, "weak-file-token read s3cret").unwrap();
    fs::set_permissions(&tokens, fs::Permissions::from_mode(0o644)).unwrap();
    log(); // before the first line
    let server = builder()
        .bind("0.0.0.0:0")
        .listen(Listener::tcp("127.0.0.1:0").only(["/change", "/livez"]))
        .token("weak-token", "abc")
        .token("strong-token", "abcdefgh")
        .token_file(&tokens)
        .public(["/livez", "GET /name", "/loglevel*", "/*"])
        .start()
        .unwrap();
    let port = format!(":{}", server.local_addr().port());
    let only = server.listeners()[1].name().to_owned();
    let path = tokens.to_str().unwrap();
    for parts in [
        &["admin server listens", &port, "anyone (read / /", "more)"][..],
        &["admin server listens", &only, "anyone (read /livez)"],
        &["WARN", "public(\"/*\") answers every read"],
        &[
            "WARN",
            "shorter than 8 characters",
            "weak-token, weak-file-token",
        ],
        &["WARN", "every user of this machine can read", path],
    ] {
        poll_until("a line of the log", || {
            let log = log().lock().unwrap();
            let text = String::from_utf8_lossy(&log);
            let mut lines = text.lines();
            lines
                .any(|line| parts.iter().all(|part| line.contains(part)))
                .then_some(())
        });
    }
}

#[test]
fn both_wildcard_addresses_share_a_port() {
    // Another program may take the port in between.
    let server = poll_until("a port that is free for both", || {
        let free = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap();
        let both = builder()
            .listen(Listener::tcp(format!("[::]:{}", free.port())))
            .listen(Listener::tcp(format!("0.0.0.0:{}", free.port())));
        both.start().ok()
    });
    let port = server.local_addr().port();
    for address in ["127.0.0.1", "[::1]"] {
        let at = format!("{address}:{port}").parse().unwrap();
        assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
    }
    assert_eq!(server.listeners().len(), 2);
}

#[test]
fn ipv6_wildcard_alone_receives_ipv4() {
    let server = builder().listen(Listener::tcp("[::]:0")).start().unwrap();
    let at = ([127, 0, 0, 1], server.local_addr().port()).into();
    assert_eq!(ask(at, "GET", "/name", &[]).body, "one");
}

#[test]
fn socket_in_a_forbidden_folder_is_an_error() {
    let error = builder().listen(Listener::unix("/proc/admin.sock")).start();
    let text = error.unwrap_err().to_string();
    assert!(text.contains("/proc/admin.sock: "), "{text}");
    assert!(
        text.contains("a folder that the program may write to"),
        "{text}"
    );
}

#[test]
fn unix_socket_is_removed_at_the_end() {
    let folder = Folder::new("file");
    let path = folder.socket();
    let server = builder().listen(Listener::unix(&path)).start().unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o600);
    assert_eq!(server.local_addr().port(), 0, "it has no TCP socket");
    server.stop();
    assert!(!path.exists());
    let wider = Listener::unix(&path).mode(0o666);
    let _server = builder().listen(wider).start().unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o666
    );
}

#[test]
fn peer_uid_decides_over_a_unix_socket() {
    let folder = Folder::new("uid");
    let path = folder.socket();
    let _server = builder().listen(Listener::unix(&path)).start().unwrap();
    let uid = fs::metadata(&path).unwrap().uid();
    // Without a Host, which no name has led here.
    assert_eq!(ask_unix(&path, "POST", "/change", &[]).status, 204);
    assert_eq!(
        ask_unix(&path, "POST", "/change", &["Host: evil.example"]).status,
        204
    );
    let who = ask_unix(&path, "GET", "/who", &[]);
    assert!(who.body.starts_with(&format!("uid {uid} ")), "{who:?}");
    let audit = ask_unix(&path, "GET", "/audit", &[]);
    assert!(
        audit.body.contains(&format!("\"who\": \"uid {uid}\"")),
        "{audit:?}"
    );
    // A proxy hides its clients.
    for header in [
        "X-Forwarded-For: 192.0.2.1",
        "Forwarded: for=192.0.2.1",
        "Via: 1.1 x",
    ] {
        let proxied = ask_unix(&path, "POST", "/change", &[header]);
        assert_eq!(proxied.status, 403, "{proxied:?}");
        assert_eq!(ask_unix(&path, "GET", "/audit", &[header]).status, 403);
        assert_eq!(ask_unix(&path, "GET", "/name", &[header]).status, 200);
    }
    let cross_site = ["Host: localhost", "Origin: http://evil.example"];
    assert_eq!(ask_unix(&path, "POST", "/change", &cross_site).status, 403);
}

#[test]
fn credentials_are_alternatives_over_a_unix_socket() {
    let folder = Folder::new("token");
    let path = folder.socket();
    let _server = builder()
        .token_with("reader", "t0ken", Effect::Read)
        .listen(Listener::unix(&path))
        .start()
        .unwrap();
    assert_eq!(ask_unix(&path, "POST", "/change", &[]).status, 204);
    let wrong = ask_unix(&path, "GET", "/name", &["Authorization: Bearer wrong"]);
    assert_eq!(wrong.status, 401, "{wrong:?}");
    let reader = ["Authorization: Bearer t0ken"];
    assert_eq!(ask_unix(&path, "GET", "/name", &reader).status, 200);
    assert_eq!(ask_unix(&path, "POST", "/change", &reader).status, 403);
    let proxied = ask_unix(&path, "GET", "/name", &["Via: 1.1 x"]);
    assert_eq!(proxied.status, 401, "{proxied:?}");
}

#[test]
fn other_users_read_over_a_unix_socket() {
    if !rustix::process::geteuid().is_root() {
        return println!("not root: no other user to be");
    }
    let folder = Folder::new("others");
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).unwrap();
    let (path, strict) = (folder.socket(), folder.0.join("strict.sock"));
    let allowed = Listener::unix(&path).mode(0o666).allow_uids([54321]);
    let _server = builder().listen(allowed).start().unwrap();
    let _strict = builder()
        .token("ops", "s3cret")
        .listen(Listener::unix(&strict).mode(0o666))
        .start()
        .unwrap();
    let as_user = |uid: u32, path: &Path, arguments: &[&str]| -> u16 {
        let output = std::process::Command::new("setpriv")
            .args([format!("--reuid={uid}"), format!("--regid={uid}")])
            .args([
                "--clear-groups",
                "curl",
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
            ])
            .arg("--unix-socket")
            .arg(path)
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        text.parse().unwrap_or_else(|_| panic!("{output:?}"))
    };
    for (uid, write) in [(54321, 204), (54322, 403)] {
        assert_eq!(as_user(uid, &path, &["http://localhost/name"]), 200);
        assert_eq!(
            as_user(uid, &path, &["-XPOST", "http://localhost/change"]),
            write
        );
        let sensitive = if write == 204 { 200 } else { 403 };
        assert_eq!(as_user(uid, &path, &["http://localhost/audit"]), sensitive);
    }
    assert_eq!(as_user(54322, &strict, &["http://localhost/name"]), 401);
    let token = [
        "-HAuthorization: Bearer s3cret",
        "-XPOST",
        "http://localhost/change",
    ];
    assert_eq!(as_user(54322, &strict, &token), 204);
}

#[test]
fn curl_reads_over_a_unix_socket() {
    let folder = Folder::new("curl");
    let path = folder.socket();
    let _server = builder().listen(Listener::unix(&path)).start().unwrap();
    let socket = path.to_str().unwrap();
    let reply = curl(&["--unix-socket", socket], "http://localhost/name");
    assert_eq!(reply.body, "one");
    let large = curl(&["--unix-socket", socket], "http://admin/openapi.json");
    assert_eq!(large.status, 200);
}

#[test]
fn connections_of_all_listeners_count_together() {
    let folder = Folder::new("table");
    let path = folder.socket();
    let limits = admin_runtime::Limits::default().with_max_connections(2);
    let server = builder()
        .limits(limits)
        .listen(Listener::tcp("127.0.0.1:0"))
        .listen(Listener::unix(&path))
        .start()
        .unwrap();
    let idle = [(); 2].map(|()| {
        let mut socket = UnixStream::connect(&path).unwrap();
        socket.write_all(b"GET /name HTTP/1.1\r\n\r\n").unwrap();
        let mut reply = [0; 12];
        socket.read_exact(&mut reply).unwrap();
        assert_eq!(&reply, b"HTTP/1.1 200");
        socket
    });
    for _ in 0..3 {
        assert_eq!(ask(server.local_addr(), "GET", "/name", &[]).body, "one");
        assert_eq!(ask_unix(&path, "GET", "/name", &[]).body, "one");
    }
    // The oldest ones were closed to make room.
    for mut socket in idle {
        let _rest = socket.read_to_end(&mut Vec::new()).unwrap();
    }
}
