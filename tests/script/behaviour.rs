//! What the route promises, one promise a test.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::Duration;

use admin_endpoints::script::{ScriptConfig, ScriptLimits};
use admin_tests::Case;
use libtest_mimic::Failed;
use rustix::net::sockopt::set_socket_linger;

use crate::server::client::{Client, form, until};

pub(crate) const EXAMPLE: &str = "lmcache_engine = app.state.lmcache_adapter.lmcache_engine

result = {
    \"is_first_rank\": lmcache_engine.metadata.is_first_rank(),
    \"model_version\": lmcache_engine.metadata.kv_shape,
}
";
pub(crate) const ANSWER: &str = "{'is_first_rank': True, 'model_version': (27, 1, 64, 1, 576)}";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "the_documented_example_over_curl",
            documented_example_over_curl,
        ),
        Case::new("forms_that_are_none_are_400", forms_that_are_none),
        Case::new("part_headers_of_all_clients_are_read", part_headers),
        Case::new("forms_of_python_and_curl_are_read", forms_of_clients),
        Case::new("plain_field_is_not_a_script", plain_field),
        Case::new("openapi_requires_the_file", openapi),
        Case::new("last_script_part_counts", last_part_counts),
        Case::new("short_scripts_of_many_clients_all_run", many_clients),
        Case::new("coding_cookie_is_honoured", coding_cookie),
        Case::new("a_source_that_is_no_text_is_500", sources_that_are_no_text),
        Case::new("printed_text_is_returned_on_request", printed_text),
        Case::new("methods_take_arguments_and_raise", methods),
        Case::new("questions_in_built_ins_are_refused", questions_in_built_ins),
        Case::new("copies_are_equal_by_value", copies),
        Case::new("changes_need_to_be_allowed", changes),
        Case::new("os_environ_is_masked", masked_environ),
        Case::new("endpoints_are_listed", endpoints),
        Case::new("the_sandbox_describes_itself", sandbox),
        Case::new("the_index_names_each_isolation_layer", index),
        Case::new("each_server_has_its_own_permits", permits),
        Case::new("only_a_reset_ends_a_script_early", leaving),
        Case::new("a_method_that_hangs_keeps_its_permit_only", hanging),
    ]
}

fn is(shown: impl AsRef<str>, expected: &str) -> Result<(), Failed> {
    let shown = shown.as_ref();
    if shown == expected {
        Ok(())
    } else {
        Err(format!("{shown:?} is not {expected:?}").into())
    }
}

fn documented_example_over_curl() -> Result<(), Failed> {
    let client = Client::documented();
    let file = std::env::temp_dir().join(format!("scratch-{}.py", std::process::id()));
    std::fs::write(&file, EXAMPLE)?;
    let ran = Command::new("curl")
        .args(["-sS", "-X", "POST", "-F"])
        .arg(format!("script=@{}", file.display()))
        .arg(format!("http://{}/run_script", client.address()))
        .output()?;
    std::fs::remove_file(&file)?;
    is(String::from_utf8_lossy(&ran.stdout), ANSWER)
}

fn forms_that_are_none() -> Result<(), Failed> {
    let client = Client::documented();
    let (content_type, body) = form(b"result = 1");
    let other_name = String::from_utf8_lossy(&body).replace("\"script\"", "\"other\"");
    let whole = String::from_utf8_lossy(&body);
    let end = whole
        .rfind("\r\n--")
        .ok_or("a form ends with its boundary")?
        + 2;
    let part = &whole[..end];
    let ten = part.replace("\"script\"", "\"x\"").repeat(9) + &whole;
    let missing = "400 No script file provided";
    let malformed = "400 Malformed multipart/form-data body";
    let cases: [(&str, &str, &[u8], &str); 9] = [
        ("no form", "text/plain", b"result = 1", missing),
        ("no boundary", "multipart/form-data", &body, missing),
        (
            "empty boundary",
            "multipart/form-data; boundary=",
            &body,
            missing,
        ),
        (
            "another boundary",
            "multipart/form-data; boundary=x",
            &body,
            malformed,
        ),
        (
            "another name",
            &content_type,
            other_name.as_bytes(),
            missing,
        ),
        ("nothing", &content_type, b"", malformed),
        (
            "truncated in the head",
            &content_type,
            &body[..60],
            malformed,
        ),
        (
            "truncated in the file",
            &content_type,
            &body[..body.len() - 20],
            malformed,
        ),
        (
            "ten parts, the last is it",
            &content_type,
            ten.as_bytes(),
            "200 1",
        ),
    ];
    for (name, content_type, body, expected) in cases {
        let reply = client.post("/run_script", content_type, body);
        is(format!("{} {}", reply.status, reply.text), expected)
            .map_err(|why| format!("{name}: {why:?}"))?;
    }
    is(client.run(b"result = 2").text, "2")
}

const FORM_TYPE: &str = "multipart/form-data; boundary=B";

/// One part with this disposition, and the end of the form unless more parts follow.
fn part(disposition: &str, source: &str) -> String {
    format!("--B\r\nContent-Disposition: {disposition}\r\n\r\n{source}\r\n")
}

fn part_headers() -> Result<(), Failed> {
    let client = Client::documented();
    for disposition in [
        r#"form-data; Name="script"; Filename="s.py""#,
        r#"form-data; filename="s.py"; name="script""#,
        r#"form-data; filename="a; name=other.py"; name="script""#,
        r#"form-data; name="script"; filename="say \"hi\"; name=x.py""#,
        "Form-Data;NAME=script;FILENAME=s.py",
        "form-data; name=\"script\"; filename*=UTF-8''na%C3%AFve.py",
        "form-data;\r\n filename=\"s.py\";\r\n\tname=\"script\"",
    ] {
        let form = part(disposition, "result = 1") + "--B--\r\n";
        let reply = client.post("/run_script", FORM_TYPE, form.as_bytes());
        is(format!("{} {}", reply.status, reply.text), "200 1")
            .map_err(|why| format!("{disposition}: {why:?}"))?;
    }
    Ok(())
}

/// About 150 forms; the program prints those with another answer.
fn forms_of_clients() -> Result<(), Failed> {
    let client = Client::documented();
    let ran = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/data/script/forms.py"))
        .arg(client.address())
        .output()?;
    is(String::from_utf8_lossy(&ran.stderr), "")?;
    is(String::from_utf8_lossy(&ran.stdout), "")
}

fn plain_field() -> Result<(), Failed> {
    let client = Client::documented();
    for disposition in [
        r#"form-data; name="script""#,
        r#"form-data; name="script"; filename="""#, // a browser without a chosen file
    ] {
        let form = part(disposition, "result = 1") + "--B--\r\n";
        let reply = client.post("/run_script", FORM_TYPE, form.as_bytes());
        is(
            format!("{} {}", reply.status, reply.text),
            "400 No script file provided",
        )?;
    }
    Ok(())
}

fn openapi() -> Result<(), Failed> {
    let reply = Client::documented().get("/openapi.json");
    let document: serde_json::Value = serde_json::from_str(&reply.text)?;
    let body = &document["paths"]["/run_script"]["post"]["requestBody"];
    is(body["required"].to_string(), "true")?;
    let form = &body["content"]["multipart/form-data"]["schema"];
    is(form["required"].to_string(), r#"["script"]"#)
}

fn last_part_counts() -> Result<(), Failed> {
    let disposition = r#"form-data; name="script"; filename="s.py""#;
    let form = part(disposition, "result = 1") + &part(disposition, "result = 2") + "--B--\r\n";
    let reply = Client::documented().post("/run_script", FORM_TYPE, form.as_bytes());
    is(reply.text, "2")
}

/// Eight clients in a loop and two permits: each script waits for its turn.
fn many_clients() -> Result<(), Failed> {
    let client = Client::documented();
    std::thread::scope(|scope| {
        let run_ten = || (0..10).try_for_each(|_| is(client.run(b"result = 1").text, "1"));
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(run_ten)).collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| "a client panicked")?)
    })
}

fn coding_cookie() -> Result<(), Failed> {
    let client = Client::documented();
    is(client.run(b"# coding: latin-1\nresult = '\xfc'").text, "ü")?;
    is(
        client.run(b"# coding: cp1252\nresult = '\x80'").text,
        "Error executing script: the encoding 'cp1252' is not supported: use UTF-8 or Latin-1",
    )
}

fn sources_that_are_no_text() -> Result<(), Failed> {
    let client = Client::documented();
    let large = vec![b'#'; 256 * 1024 + 1];
    let cases: [(&[u8], &str); 4] = [
        (
            b"result = '\xff'",
            "the script is not UTF-8: byte 0xff at position 10",
        ),
        (
            b"result = 1\0",
            "source code string cannot contain null bytes",
        ),
        (&large, "source limit of 256 KiB exceeded"),
        (
            b"\xff\xfer\0",
            "source code string cannot contain null bytes",
        ),
    ];
    for (source, message) in cases {
        let reply = client.run(source);
        is(
            format!("{} {}", reply.status, reply.text),
            &format!("500 Error executing script: {message}"),
        )?;
    }
    is(client.run(b"\xef\xbb\xbfresult = 1").text, "1")?;
    is(
        client.run(b"a = 1\r\nif a:\r\n  result = 'crlf'\r\n").text,
        "crlf",
    )
}

fn printed_text() -> Result<(), Failed> {
    let client = Client::documented();
    let source = b"print('working', 1)\nresult = 'done'";
    is(client.run(source).text, "done")?;
    is(
        client.run_at("/run_script?output=true", source).text,
        "working 1\ndone",
    )?;
    let failing = b"print('before')\n1 / 0";
    is(
        client.run_at("/run_script?output=1", failing).text,
        "before\nError executing script: division by zero",
    )
}

/// A function that a built-in calls cannot ask for a live object: the script must not go on.
fn questions_in_built_ins() -> Result<(), Failed> {
    let client =
        Client::new(ScriptConfig::default().allow_imports(["datetime", "functools", "os"]));
    let refused = [
        "list(map(lambda x: x.config, [e]))",
        "list(map(lambda x: getattr(x, 'config', None), [e]))",
        "list(map(lambda x: hasattr(x, 'config'), [e]))",
        "list(filter(lambda x: hasattr(x, 'config'), [e]))",
        "sorted([e], key=lambda x: x.config.chunk_size)",
        "next((x.config for x in [e] if hasattr(x, 'config')), 'none')",
        "list(map(lambda x: x.lookup([1]), [e]))",
        "reduce(lambda a, x: a + getattr(x, 'size', 0), [e, e], 0)",
        "list(map(os.getenv, ['X']))",
        "list(map(lambda x: datetime.now().year, [1]))",
    ];
    let begin = "Error executing script: the embedded engine does not support live objects, os.environ \
                 and clocks in functions that a built-in calls";
    let source = |result: &str| {
        format!(
            "import os\nfrom datetime import datetime\nfrom functools import reduce\n\
             e = app.state.lmcache_adapter.lmcache_engine\n{result}"
        )
    };
    for expression in refused {
        let caught =
            format!("try:\n  result = {expression}\nexcept Exception:\n  result = 'caught'");
        for script in [format!("result = {expression}"), caught] {
            let text = client.run(source(&script).as_bytes()).text;
            if !text.starts_with(begin) {
                return Err(format!("{script}: {text}").into());
            }
        }
    }
    for (expression, expected) in [
        ("[x.config.chunk_size for x in [e]]", "[64]"),
        ("sum(x.config.chunk_size for x in [e, e])", "128"),
        ("getattr(e, 'nope', 3), hasattr(e, 'nope')", "(3, False)"),
        (
            "[r.path for r in sorted(app.endpoints, key=lambda r: r.path)] == sorted(r.path for r in app.endpoints)",
            "True",
        ),
    ] {
        is(
            client
                .run(source(&format!("result = {expression}")).as_bytes())
                .text,
            expected,
        )?;
    }
    let missing = "try:\n  e.nope\nexcept AttributeError:\n  result = 'none'";
    is(client.run(source(missing).as_bytes()).text, "none")
}

fn copies() -> Result<(), Failed> {
    let client = Client::new(ScriptConfig::default());
    for (expression, expected) in [
        ("app.endpoints[0] == app.endpoints[0]", "True"),
        ("app.endpoints == app.endpoints", "True"),
        ("app.endpoints[0] == app.endpoints[1]", "False"),
        ("app.endpoints[1] in app.endpoints", "True"),
        ("app.endpoints.index(app.endpoints[2])", "2"),
        ("app.endpoints[0] == app", "False"),
    ] {
        let text = client.run(format!("result = {expression}").as_bytes()).text;
        is(text, expected).map_err(|why| format!("{expression}: {why:?}"))?;
    }
    Ok(())
}

fn methods() -> Result<(), Failed> {
    let limits = ScriptLimits::default().with_max_wall_time(Duration::from_secs(60));
    let client = Client::new(ScriptConfig::default().limits(limits));
    let cases = [
        ("e.lookup(tokens=[1, 2, 3])", "1"),
        ("e.lookup((1, 2))", "1"),
        (
            "e.lookup(5)",
            "Engine.lookup() argument 'tokens' must be a list whose items all fit, not 5",
        ),
        (
            "e.lookup()",
            "Engine.lookup() missing 1 required positional argument: 'tokens'",
        ),
        ("e.fail('x')", "invalid digit found in string"),
        ("e.fail('12')", "12"),
        ("len(e.wide(200_000))", "200000"),
        ("e.wide(200_001)", "the value has more than 200000 parts"),
        ("len(e.long(2 ** 20))", "1048576"),
        ("e.long(2 ** 24)", "the value takes more than 16 MiB"),
        (
            "e.echo({'a': (1.5, b'x', None), 2: [True, e]})[2][1] == e",
            "True",
        ),
        ("e.echo([float('inf'), -0.0])", "[inf, -0.0]"),
        (
            "all(e.echo(n) == n for n in [2 ** 127 - 1, -2 ** 127, 2 ** 63, -5])",
            "True",
        ),
        ("e.echo(2 ** 127) == str(2 ** 127)", "True"),
        (
            "e.echo([7] * 200_001)",
            "the value has more than 200000 parts",
        ),
        ("len(e.echo(nested(40)))", "1"),
        ("e.echo(nested(41))", "an argument is nested too deeply"),
        ("e.metadata == e.metadata", "True"),
        ("e.metadata == e", "False"),
        ("[f([1, 2, 3, 4]) for f in [e.lookup]]", "[2]"),
        (
            "e.config",
            "Config(chunk_size=64, local_cpu=True, max_local_cpu_size=5.0, \
          remote_url=None, extra_config={'save_only_first_rank': True, 'weights': [0.5, 1.5]})",
        ),
        (
            "hasattr(e, 'nope'), hasattr(e, 'config'), getattr(e, 'nope', 3)",
            "(False, True, 3)",
        ),
    ];
    for (expression, expected) in cases {
        let source = format!(
            "e = app.state.lmcache_adapter.lmcache_engine\n\
             def nested(levels):\n  return [nested(levels - 1)] if levels else 7\n\
             result = {expression}"
        );
        let text = client.run(source.as_bytes()).text;
        let shown = text
            .strip_prefix("Error executing script: ")
            .unwrap_or(&text);
        is(shown, expected).map_err(|why| format!("{expression}: {why:?}"))?;
    }
    Ok(())
}

fn changes() -> Result<(), Failed> {
    let source = b"result = app.state.lmcache_adapter.lmcache_engine.clear()";
    is(
        Client::new(ScriptConfig::default().allow_changes())
            .run(source)
            .text,
        "7",
    )?;
    let refused = Client::documented().run(source);
    is(
        format!("{} {}", refused.status, refused.text),
        "500 Error executing script: Engine.clear() changes the process, which \
         `ScriptConfig::allow_changes` must permit",
    )
}

fn masked_environ() -> Result<(), Failed> {
    let client = Client::new(ScriptConfig::default().allow_import("os"));
    let secret = client.run(b"import os\nresult = os.environ['ADMIN_TEST_SECRET_TOKEN']");
    is(secret.text, "******")?;
    is(
        client
            .run(b"import os\nresult = os.getenv('ADMIN_TEST_PLAIN')")
            .text,
        "shown",
    )?;
    is(
        client
            .run(b"import os\nresult = os.getenv('ADMIN_TEST_NONE', 'x')")
            .text,
        "x",
    )
}

fn endpoints() -> Result<(), Failed> {
    let source =
        b"result = [(e.method, e.effect) for e in app.endpoints if e.path == '/run_script']";
    is(
        Client::documented().run(source).text,
        "[('POST', 'dangerous')]",
    )
}

/// Each layer, as the sandbox itself reports it.
fn index() -> Result<(), Failed> {
    let client = Client::documented();
    let sandbox: serde_json::Value = serde_json::from_str(&client.get("/run_script/sandbox").text)?;
    let status = client.status()?;
    is(status["seccomp"].to_string(), "\"on\"")?;
    is(status.to_string(), &sandbox["isolation"].to_string())
}

fn sandbox() -> Result<(), Failed> {
    let reply = Client::documented().get("/run_script/sandbox");
    let shown: serde_json::Value = serde_json::from_str(&reply.text)?;
    is(shown["imports"][0].to_string(), "\"json\"")?;
    is(shown["objects"].to_string(), "[\"lmcache_adapter\"]")?;
    is(shown["limits"]["memory_bytes"].to_string(), "67108864")?;
    is(shown["isolation"]["resource_limits"].to_string(), "\"on\"")?;
    // The kernels this is built on have had it for ten years.
    is(shown["isolation"]["seccomp"].to_string(), "\"on\"")
}

/// Two at once; a third waits and is then refused; another server has permits of its own.
fn permits() -> Result<(), Failed> {
    let limits = ScriptLimits::default()
        .with_max_wall_time(Duration::from_secs(3))
        .with_max_cpu_time(Duration::from_secs(30));
    let config = ScriptConfig::default().limits(limits);
    let (busy, other) = (Client::new(config.clone()), Client::new(config));
    std::thread::scope(|scope| {
        // The request below may take a permit first, for a moment.
        let endless = || {
            until(Duration::from_secs(5), || {
                let reply = busy.run(b"while True: pass");
                (reply.status != 429).then_some(reply.text)
            })
        };
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(endless)).collect();
        let third = until(Duration::from_secs(2), || {
            let reply = busy.run(b"result = 1");
            (reply.status == 429).then_some(reply)
        });
        let third = third.ok_or("a third script runs")?;
        is(third.text, "At most 2 scripts run at once: try again")?;
        is(third.retry_after.unwrap_or_default(), "1")?;
        is(other.run(b"result = 1").text, "1")?;
        for run in runs {
            let text = run.join().map_err(|_| "a client panicked")?;
            is(
                text.unwrap_or_default(),
                "Error executing script: time limit of 3 s exceeded",
            )?;
        }
        is(busy.run(b"result = 1").text, "1")
    })
}

/// The permit is free again long before the script's own deadline.
fn leaving() -> Result<(), Failed> {
    let limits = ScriptLimits::default()
        .with_max_wall_time(Duration::from_secs(60))
        .with_max_cpu_time(Duration::from_secs(60))
        .with_max_concurrent_scripts(1);
    let client = Client::new(ScriptConfig::default().limits(limits));
    let (content_type, body) = form(b"while True: pass");
    let mut stream = TcpStream::connect(client.address())?;
    write!(
        stream,
        "POST /run_script HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)?;
    stream.set_read_timeout(Some(Duration::from_millis(10)))?;
    let busy = until(Duration::from_secs(5), || {
        let _ = stream.read(&mut [0; 16]); // nothing comes: the script runs
        (client.run(b"result = 1").status == 429).then_some(())
    });
    busy.ok_or("the script never started")?;
    // The end of its requests does not end the script; a reset does.
    stream.shutdown(Shutdown::Write)?;
    is(client.run(b"result = 1").status.to_string(), "429")?;
    set_socket_linger(&stream, Some(Duration::ZERO))?;
    drop(stream);
    let free = until(Duration::from_secs(5), || {
        (client.run(b"result = 1").status == 200).then_some(())
    });
    free.ok_or("the script outlived its client".into())
}

/// The answer comes at the deadline, and the other permit is still there.
fn hanging() -> Result<(), Failed> {
    let limits = ScriptLimits::default().with_max_wall_time(Duration::from_secs(1));
    let client = Client::new(ScriptConfig::default().limits(limits));
    let reply = client.run(b"app.state.lmcache_adapter.lmcache_engine.hang()");
    is(
        reply.text,
        "Error executing script: time limit of 1 s exceeded",
    )?;
    is(client.run(b"result = 1").text, "1")
}
