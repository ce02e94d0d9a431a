//! TLS and client certificates, with real clients.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use admin_runtime::describe::Effect;
use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Builder, Limits, RunningServer};
use admin_tests::{connect, curl, poll_until, read_to_end, send};

use crate::certificates::Authority;
use crate::endpoints::Name;
use crate::folder::Folder;

fn builder() -> Builder {
    AdminServer::builder().state(Name("one"))
}

/// A listener with a certificate of this authority, whose own is `ca.crt`.
pub(crate) fn tls_listener(folder: &Folder, authority: &Authority) -> Listener {
    fs::write(folder.0.join("ca.crt"), &authority.pem).unwrap();
    let (certificate, key) = authority.server().write(&folder.0, "server");
    Listener::tcp("127.0.0.1:0").tls(certificate, key)
}

/// With client certificates of this authority too.
fn mutual_listener(folder: &Folder, authority: &Authority) -> Listener {
    tls_listener(folder, authority).client_ca(folder.0.join("ca.crt"))
}

fn url(server: &RunningServer, path: &str) -> String {
    format!("https://localhost:{}{path}", server.local_addr().port())
}

/// curl with a client certificate; the status, 0 if the handshake fails.
fn status(
    folder: &Folder,
    server: &RunningServer,
    client: Option<&str>,
    arguments: &[&str],
) -> u16 {
    let certificate = client.map(|name| {
        let file = |kind: &str| folder.file(&format!("{name}.{kind}"));
        [
            "--cert".to_owned(),
            file("crt"),
            "--key".to_owned(),
            file("key"),
        ]
    });
    let output = Command::new("curl")
        .args([
            "-s",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "--noproxy",
            "*",
        ])
        .args(["--max-time", "60", "--cacert", &folder.file("ca.crt")])
        .args(certificate.into_iter().flatten())
        .args(&arguments[1..])
        .arg(url(server, arguments[0]))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).parse().unwrap()
}

#[test]
fn curl_reads_over_tls() {
    let folder = Folder::new("tls-curl");
    let authority = Authority::new("ca");
    let listener = tls_listener(&folder, &authority);
    let server = builder().listen(listener).start().unwrap();
    let ca = folder.file("ca.crt");
    for version in ["--tlsv1.3", "--tls-max=1.2"] {
        let (version, max) = version
            .split_once('=')
            .map_or((version, "1.3"), |(_, max)| ("--tlsv1.2", max));
        let arguments = ["--cacert", &ca, version, "--tls-max", max];
        assert_eq!(curl(&arguments, &url(&server, "/name")).body, "one");
        assert_eq!(curl(&arguments, &url(&server, "/openapi.json")).status, 200);
    }
    let body = folder.file("body");
    fs::write(&body, vec![b'x'; 900_000]).unwrap();
    let form = format!("file=@{body}");
    let upload = curl(&["--cacert", &ca, "-F", &form], &url(&server, "/upload"));
    assert!(upload.body.ends_with(" 900000"), "{upload:?}");
}

#[test]
fn openssl_negotiates_http_1_1() {
    let folder = Folder::new("tls-openssl");
    let listener = tls_listener(&folder, &Authority::new("ca"));
    let server = builder().listen(listener).start().unwrap();
    let address = server.local_addr().to_string();
    for version in ["-tls1_2", "-tls1_3"] {
        let mut client = Command::new("openssl")
            .args([
                "s_client",
                "-connect",
                &address,
                "-servername",
                "localhost",
                version,
            ])
            .args(["-alpn", "h2,http/1.1", "-CAfile", &folder.file("ca.crt")])
            .args(["-verify_return_error", "-ign_eof"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let request = b"GET /name HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        client.stdin.take().unwrap().write_all(request).unwrap();
        let mut text = String::new();
        client
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert!(client.wait().unwrap().success(), "{text}");
        assert!(text.contains("ALPN protocol: http/1.1"), "{text}");
        assert!(
            text.contains("HTTP/1.1 200 OK") && text.contains("\r\n\r\none"),
            "{text}"
        );
    }
}

#[test]
fn python_reads_over_mutual_tls() {
    let folder = Folder::new("tls-python");
    let authority = Authority::new("ca");
    let listener = mutual_listener(&folder, &authority);
    authority.client("notebook", &[]).write(&folder.0, "client");
    let server = builder().listen(listener).start().unwrap();
    let program = "\
import http.client, ssl, sys
folder, port = sys.argv[1], int(sys.argv[2])
context = ssl.create_default_context(cafile=folder + '/ca.crt')
context.load_cert_chain(folder + '/client.crt', folder + '/client.key')
client = http.client.HTTPSConnection('localhost', port, context=context, timeout=20)
for _ in range(3):
    client.request('GET', '/who')
    reply = client.getresponse()
    print(reply.status, reply.read().decode())
";
    let output = Command::new("python3")
        .args(["-c", program, folder.0.to_str().unwrap()])
        .arg(server.local_addr().port().to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text.matches("200 notebook@127.0.0.1:").count(),
        3,
        "{output:?}"
    );
}

#[test]
fn client_certificates_are_credentials() {
    let folder = Folder::new("tls-mutual");
    let authority = Authority::new("ca");
    let listener = mutual_listener(&folder, &authority).max_effect(Effect::Write);
    let listener = listener.allow_clients(["prometheus", "deploy.example"]);
    let server = builder().listen(listener).start().unwrap();
    authority
        .client("prometheus", &[])
        .write(&folder.0, "prometheus");
    let deploy = authority.client("some", &["deploy.example"]);
    deploy.write(&folder.0, "deploy");
    authority
        .client("other", &["other.example"])
        .write(&folder.0, "other");
    Authority::new("other ca")
        .client("prometheus", &[])
        .write(&folder.0, "forged");

    assert_eq!(status(&folder, &server, None, &["/name"]), 0);
    assert_eq!(status(&folder, &server, Some("forged"), &["/name"]), 0);
    assert_eq!(status(&folder, &server, Some("other"), &["/name"]), 401);
    for client in ["prometheus", "deploy"] {
        assert_eq!(status(&folder, &server, Some(client), &["/audit"]), 200);
        assert_eq!(
            status(&folder, &server, Some(client), &["/change", "-XPOST"]),
            204
        );
    }
    let arguments = [
        "--cacert",
        &folder.file("ca.crt"),
        "--cert",
        &folder.file("deploy.crt"),
    ];
    let key = folder.file("deploy.key");
    let arguments = [&arguments[..], &["--key", &key]].concat();
    let who = curl(&arguments, &url(&server, "/who")).body;
    assert!(who.starts_with("deploy.example@127.0.0.1:"), "{who}");
    let audit = curl(&arguments, &url(&server, "/audit?who=deploy.example")).body;
    assert!(audit.contains("POST /change"), "{audit}");
}

#[test]
fn tokens_and_certificates_are_alternatives() {
    let folder = Folder::new("tls-token");
    let authority = Authority::new("ca");
    let listener = mutual_listener(&folder, &authority).allow_clients(["deploy"]);
    let server = builder()
        .token("ops", "s3cret")
        .public(["/name"])
        .listen(listener)
        .start()
        .unwrap();
    authority.client("deploy", &[]).write(&folder.0, "deploy");
    authority.client("other", &[]).write(&folder.0, "other");
    let (token, wrong) = [
        "-HAuthorization: Bearer s3cret",
        "-HAuthorization: Bearer x",
    ]
    .into();
    let change = ["/change", "-XPOST"];
    for (client, arguments, expected) in [
        (None, vec!["/name"], 200),
        (None, vec!["/who"], 401),
        (None, change.to_vec(), 401),
        (None, [&change[..], &[token]].concat(), 204),
        (Some("deploy"), change.to_vec(), 204),
        (Some("deploy"), [&change[..], &[wrong]].concat(), 401),
        (Some("other"), vec!["/name"], 401),
        (Some("other"), [&change[..], &[token]].concat(), 401),
    ] {
        let found = status(&folder, &server, client, &arguments);
        assert_eq!(found, expected, "{client:?} {arguments:?}");
    }
}

#[test]
fn unusable_files_are_start_errors() {
    let folder = Folder::new("tls-errors");
    let authority = Authority::new("ca");
    let (certificate, _) = authority.server().write(&folder.0, "server");
    let (_, other_key) = authority.server().write(&folder.0, "other");
    let empty = folder.0.join("empty");
    fs::write(&empty, "").unwrap();
    let listener = || Listener::tcp("127.0.0.1:0");
    let key = folder.0.join("server.key");
    let error = builder()
        .listen(listener().tls(&certificate, &other_key))
        .listen(listener().tls(&empty, &key))
        .listen(listener().tls(&certificate, &empty))
        .listen(listener().tls(&certificate, &key).client_ca(&empty))
        .listen(listener().tls("/nonexistent/tls.crt", &key))
        .start()
        .unwrap_err()
        .to_string();
    let client = authority.client("prometheus", &[]);
    let (leaf, _) = client.write(&folder.0, "leaf");
    let listener = listener().tls(&certificate, &key).client_ca(leaf);
    let refused = builder().listen(listener).start().unwrap_err().to_string();
    let text = "leaf.crt: the client CA cannot be used: the certificate of CN=prometheus is not that of a CA";
    assert!(refused.contains(text), "{refused}");
    for expected in [
        "certificate and key cannot be used",
        "the file of the certificate has no certificate",
        "the key is not a private key in PEM",
        "the file of the client CA has no certificate",
        "/nonexistent/tls.crt: No such file or directory",
    ] {
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(error.matches("nor on").count(), 4, "{error}");
}

#[test]
fn expired_certificate_is_served() {
    let folder = Folder::new("tls-expired");
    let authority = Authority::new("ca");
    fs::write(folder.0.join("ca.crt"), &authority.pem).unwrap();
    let (certificate, key) = authority.expired().write(&folder.0, "server");
    let listener = Listener::tcp("127.0.0.1:0").tls(certificate, key);
    let server = builder().listen(listener).start().unwrap();
    assert_eq!(status(&folder, &server, None, &["/name"]), 0);
    assert_eq!(
        status(&folder, &server, None, &["/name", "--insecure"]),
        200
    );
}

#[test]
fn idle_handshakes_make_room() {
    let folder = Folder::new("tls-idle");
    let limits = Limits::default().with_max_connections(2);
    let server = builder()
        .limits(limits)
        .listen(tls_listener(&folder, &Authority::new("ca")))
        .start()
        .unwrap();
    let idle: Vec<_> = (0..4).map(|_| connect(server.local_addr())).collect();
    for _ in 0..3 {
        assert_eq!(status(&folder, &server, None, &["/name"]), 200);
    }
    for mut stream in idle {
        assert!(read_to_end(&mut stream).is_none());
    }
}

#[test]
fn slow_handshakes_end() {
    let folder = Folder::new("tls-slow");
    let limits = Limits::default().with_header_read_timeout(std::time::Duration::from_millis(100));
    let server = builder()
        .limits(limits)
        .listen(tls_listener(&folder, &Authority::new("ca")))
        .start()
        .unwrap();
    let mut silent = connect(server.local_addr());
    assert!(read_to_end(&mut silent).is_none());
}

#[test]
fn plain_http_is_answered_without_tls() {
    let folder = Folder::new("tls-plain");
    let listener = tls_listener(&folder, &Authority::new("ca"));
    let server = builder().listen(listener).start().unwrap();
    let body = "x".repeat(200_000);
    for (method, body) in [("GET", ""), ("POST", &body)] {
        let reply = send(server.local_addr(), method, "/name", &[], body.as_bytes());
        assert_eq!(reply.status, 400, "{reply:?}");
        let text = "The client sent an HTTP request to an HTTPS server: use https://";
        assert!(reply.body.contains(text), "{reply:?}");
        assert_eq!(reply.header("connection"), "close");
    }
    assert_eq!(status(&folder, &server, None, &["/name"]), 200);
}

#[test]
fn alert_of_a_failed_handshake_is_readable() {
    let folder = Folder::new("tls-alert");
    let listener = tls_listener(&folder, &Authority::new("ca"));
    let server = builder().listen(listener).start().unwrap();
    let mut client = connect(server.local_addr());
    // A handshake that is not one, and more than is read of it.
    client
        .write_all(&[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 9])
        .unwrap();
    client.write_all(&[0; 60_000]).unwrap();
    let mut received = Vec::new();
    client
        .read_to_end(&mut received)
        .expect("an end, not a reset");
    assert_eq!(received.first(), Some(&0x15), "{received:?}");
}

/// Replaces a link as Kubernetes does.
fn point(folder: &Folder, target: &Path) {
    let next = folder.0.join("next");
    symlink(target, &next).unwrap();
    fs::rename(next, folder.0.join("current")).unwrap();
}

/// A client that presents a certificate by these files.
fn handshake(address: SocketAddr, ca: &str, client: &Path) -> bool {
    let file = |kind: &str| client.join(format!("client.{kind}"));
    let output = Command::new("curl")
        .args([
            "-s",
            "-o",
            "/dev/null",
            "--noproxy",
            "*",
            "--max-time",
            "20",
            "--cacert",
            ca,
        ])
        .arg("--cert")
        .arg(file("crt"))
        .arg("--key")
        .arg(file("key"))
        .arg(format!("https://localhost:{}/name", address.port()))
        .output()
        .unwrap();
    output.status.success()
}

#[test]
fn certificates_are_replaced_under_load() {
    let folder = Folder::new("tls-reload");
    let (one, two) = (Authority::new("one"), Authority::new("two"));
    let server_ca = folder.file("servers.crt");
    fs::write(&server_ca, format!("{}{}", one.pem, two.pem)).unwrap();
    for (name, authority, accepted) in [
        ("one", &one, one.pem.clone()),
        ("both", &two, format!("{}{}", one.pem, two.pem)),
    ] {
        let version = folder.0.join(name);
        fs::create_dir_all(&version).unwrap();
        authority.server().write(&version, "server");
        authority.client(name, &[]).write(&version, "client");
        fs::write(version.join("ca.crt"), accepted).unwrap();
    }
    point(&folder, &folder.0.join("one"));
    let current = folder.0.join("current");
    let listener = Listener::tcp("127.0.0.1:0")
        .tls(current.join("server.crt"), current.join("server.key"))
        .client_ca(current.join("ca.crt"));
    let server = builder().listen(listener).start().unwrap();
    let at = server.local_addr();
    let (old, new) = (folder.0.join("one"), folder.0.join("both"));
    assert!(handshake(at, &server_ca, &old));
    assert!(!handshake(at, &server_ca, &new), "its CA is not known yet");

    let (is_done, failed) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                // Its CA is in both versions.
                let is_ok = handshake(at, &server_ca, &old);
                failed.fetch_add(u32::from(!is_ok), Ordering::Relaxed);
            }
        });
        point(&folder, &new);
        poll_until("the new CA", || {
            handshake(at, &server_ca, &new).then_some(())
        });
        is_done.store(true, Ordering::Relaxed);
    });
    assert_eq!(failed.load(Ordering::Relaxed), 0);
}

#[test]
fn refusals_are_readable_over_tls() {
    let folder = Folder::new("tls-refusal");
    let listener = tls_listener(&folder, &Authority::new("ca"));
    let server = builder().listen(listener).start().unwrap();
    let ca = folder.file("ca.crt");
    let headers: Vec<_> = (0..200)
        .flat_map(|at| ["-H".to_owned(), format!("x-{at}: 1")])
        .collect();
    let headers: Vec<_> = headers.iter().map(String::as_str).collect();
    let many = curl(
        &[&["--cacert", &ca], &headers[..]].concat(),
        &url(&server, "/name"),
    );
    assert_eq!(many.status, 431, "{many:?}");
    assert!(many.body.contains("too many headers"), "{many:?}");
}
