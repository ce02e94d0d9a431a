//! Tokens with ceilings, files of tokens, endpoints without credentials.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use admin_runtime::auth::{AsyncAuthenticator, Authenticator, Identity, Unauthenticated};
use admin_runtime::describe::Effect;
use admin_runtime::{Builder, HeaderMap, Limits, RunningServer};
use admin_tests::{ask, poll_until};

use crate::builder;
use crate::folder::Folder;

fn start(builder: Builder) -> (RunningServer, SocketAddr) {
    let server = builder.start().unwrap();
    let address = server.local_addr();
    (server, address)
}

fn bearer(secret: &str) -> String {
    format!("Authorization: Bearer {secret}")
}

fn problems(builder: Builder) -> Vec<String> {
    let error = builder.build().unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn each_token_has_its_own_ceiling() {
    let (_server, at) = start(
        builder()
            .token("ops", "full")
            .token_with("deploy", "writes", Effect::Write)
            .token_with("prometheus", "reads", Effect::Read),
    );
    for (secret, read, write) in [
        ("full", 200, 204),
        ("writes", 200, 204),
        ("reads", 200, 403),
        ("other", 401, 401),
        ("ful", 401, 401),
        ("fullreads", 401, 401),
    ] {
        let header = bearer(secret);
        assert_eq!(ask(at, "GET", "/name", &[&header]).status, read, "{secret}");
        let reply = ask(at, "POST", "/change", &[&header]);
        assert_eq!(reply.status, write, "{secret}: {reply:?}");
    }
    let reply = ask(at, "POST", "/change", &[&bearer("reads")]);
    assert!(
        reply.body.contains("permit effects up to `read`"),
        "{reply:?}"
    );
    let raised = ask(
        at,
        "GET",
        "/loglevel?level=INFO&logger_name=x",
        &[&bearer("reads")],
    );
    assert_eq!(raised.status, 403, "{raised:?}");
    assert_eq!(ask(at, "GET", "/name", &[]).status, 401);
    let who = ask(at, "GET", "/who", &[&bearer("reads")]);
    assert!(who.body.starts_with("prometheus@"), "{who:?}");
    let script = ask(at, "POST", "/run_script", &[&bearer("writes")]);
    assert_eq!(script.status, 403, "a script is dangerous: {script:?}");
}

#[test]
fn public_endpoints_answer_reads_without_credentials() {
    let server = builder().bind("0.0.0.0:0").token("ops", "s3cret").public([
        "/name",
        "/s*", // with others
        "GET /loglevel",
    ]);
    let (server, _) = start(server);
    let at = ([127, 0, 0, 1], server.local_addr().port()).into();
    assert_eq!(ask(at, "GET", "/name", &[]).status, 200);
    assert_eq!(ask(at, "HEAD", "/name", &[]).status, 200);
    assert_eq!(ask(at, "GET", "/name", &[&bearer("wrong")]).status, 401);
    assert_eq!(
        ask(at, "GET", "/name", &["Authorization: Basic eDp5"]).status,
        401
    );
    assert_eq!(ask(at, "GET", "/name", &[&bearer("s3cret")]).status, 200);
    for (method, target) in [
        ("GET", "/env"),
        ("GET", "/nope"),
        ("POST", "/change"),
        ("GET", "/sensitive/x"),
        ("GET", "/sensitive?set=1"),
        ("PUT", "/loglevel?logger_name=x&level=INFO"),
        ("GET", "/loglevel?logger_name=x&level=INFO"),
    ] {
        let reply = ask(at, method, target, &[]);
        assert_eq!(reply.status, 401, "{method} {target}: {reply:?}");
    }
    assert_eq!(
        ask(at, "GET", "/sensitive/x", &[&bearer("s3cret")]).body,
        "x"
    );
}

#[test]
fn patterns_and_tokens_that_cannot_work_are_problems() {
    let taken = "\"b\" has the secret of \"a\": each token needs its own";
    let never = "only writes and sensitive reads match, which always need credentials";
    let file = Folder::new("same-name");
    let path = file.file("tokens");
    fs::write(&path, "ops read t0ken").unwrap();
    for (builder, problem) in [
        (builder().token("a", "x").token("b", "x"), taken),
        (
            builder().token("ops", "x").token("ops", "y"),
            "two tokens have the name \"ops\": the audit log names the caller by it",
        ),
        (
            builder().token("ops", "x").token_file(&path),
            "two tokens have the name \"ops\"",
        ),
        (builder().token("a", "x").public(["/change"]), never),
        (builder().token("a", "x").public(["GET /audit"]), never),
        (builder().token("a", "x").public(["/run_script"]), never),
        (
            builder().token("a", "x").public(["name"]),
            "public(\"name\") matches no endpoint; write public(\"/name\"); there are /",
        ),
        (
            builder().token_with("a b\n", "x", Effect::Read),
            "token_with(..): the name \"a b\\n\" begins or ends with white space",
        ),
        (
            builder().token_file("/nonexistent"),
            "token_file(\"/nonexistent\"): No such file or directory",
        ),
    ] {
        let problems = problems(builder);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(problem), "{problems:?}");
    }
}

/// Names the user that a proxy has checked.
struct Proxy;

impl Authenticator for Proxy {
    fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
        let user = headers.get("x-user").and_then(|user| user.to_str().ok());
        let identity = user.map(Identity::new).ok_or_else(Unauthenticated::new)?;
        Ok(identity.with_max_effect(Effect::Read))
    }
}

#[test]
fn an_authenticator_is_an_alternative_to_tokens() {
    let (_server, at) = start(builder().token("ops", "s3cret").authenticator(Proxy));
    assert_eq!(ask(at, "GET", "/name", &["X-User: ann"]).status, 200);
    assert_eq!(ask(at, "POST", "/change", &["X-User: ann"]).status, 403);
    assert_eq!(ask(at, "POST", "/change", &[&bearer("s3cret")]).status, 204);
    assert_eq!(ask(at, "GET", "/name", &[]).status, 401);
}

/// A file that is removed with this.
struct Written(PathBuf);

impl Written {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("admin-it-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn replaced_files_change_the_tokens() {
    let file = Written::new(
        "tokens",
        "# on call\nops dangerous first\nscraper read second\n",
    );
    let (_server, at) = start(builder().token_file(&file.0));
    let status = |secret: &str| ask(at, "POST", "/change", &[&bearer(secret)]).status;
    assert_eq!(
        (status("first"), status("second"), status("third")),
        (204, 403, 401)
    );

    let valid = Written::new("valid", "ops write third\r\n");
    fs::rename(&valid.0, &file.0).unwrap();
    poll_until("the new token", || (status("third") == 204).then_some(()));
    assert_eq!((status("first"), status("second")), (401, 401));
}

/// Does what the header says.
struct Directory;

impl AsyncAuthenticator for Directory {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Unauthenticated> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        match headers.get("x-user").map(|user| user.as_bytes()) {
            Some(b"ann") => Ok(Identity::new("ann").with_max_effect(Effect::Read)),
            Some(b"never") => std::future::pending().await,
            Some(b"panic") => panic!("a secret of the program"),
            _ => Err(Unauthenticated::new()),
        }
    }
}

#[test]
fn async_authenticators_are_asked_last() {
    let limits = Limits::default().with_handler_timeout(Duration::from_millis(200));
    let (_server, at) = start(
        builder()
            .limits(limits)
            .token("ops", "s3cret")
            .async_authenticator(Directory),
    );
    let ops = bearer("s3cret");
    for (headers, read, write) in [
        (vec!["x-user: ann"], 200, 403),
        (vec!["x-user: bob"], 401, 401),
        (vec![], 401, 401),
        (vec!["x-user: never"], 503, 503),
        (vec!["x-user: panic"], 500, 500),
        (vec!["x-user: never", &ops], 200, 204),
        (vec!["x-user: ann", "Host: evil.example"], 403, 403),
    ] {
        let reply = ask(at, "GET", "/name", &headers);
        assert_eq!(reply.status, read, "{headers:?}: {reply:?}");
        assert!(!reply.body.contains("secret of"), "{reply:?}");
        let reply = ask(at, "POST", "/change", &headers);
        assert_eq!(reply.status, write, "{headers:?}: {reply:?}");
    }
    let who = ask(at, "GET", "/who", &["x-user: ann"]).body;
    assert!(who.starts_with("ann@127.0.0.1:"), "{who}");
}
