//! What the CPython engine promises, one promise a test.

use std::time::Duration;

use admin_endpoints::script::{Engine, ScriptConfig, ScriptLimits};
use admin_tests::Case;
use libtest_mimic::Failed;

use crate::behaviour::{ANSWER, EXAMPLE};
use crate::server::client::{Client, cpython_config, python};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("cpython_runs_the_documented_example", documented_example),
        Case::new("cpython_has_the_whole_language", language),
        Case::new("cpython_imports_only_what_is_allowed", imports),
        Case::new("cpython_lacks_some_builtins", builtins),
        Case::new("cpython_refuses_assignment_to_live_objects", assignment),
        Case::new("cpython_calls_methods_with_arguments", methods),
        Case::new("cpython_shows_a_masked_environment", environ),
        Case::new("cpython_returns_printed_text", printed),
        Case::new("cpython_names_exceeded_limits", limits),
        Case::new(
            "cpython_names_memory_limit_without_memory",
            memory_used_up_in_small_parts,
        ),
        Case::new("cpython_describes_itself", described),
        Case::new("cpython_scripts_share_nothing", share_nothing),
    ]
}

fn same(found: impl AsRef<str>, expected: &str) -> Result<(), Failed> {
    let found = found.as_ref();
    if found == expected {
        Ok(())
    } else {
        Err(format!("{found:?} is not {expected:?}").into())
    }
}

/// Runs each source and compares its status and text; `!` stands for a failed script.
fn all(client: &Client, cases: &[(&str, &str)]) -> Result<(), Failed> {
    for (source, expected) in cases {
        let reply = client.run(source.as_bytes());
        let expected = match expected.strip_prefix('!') {
            Some(message) => format!("500 Error executing script: {message}"),
            None => format!("200 {expected}"),
        };
        same(format!("{} {}", reply.status, reply.text), &expected)
            .map_err(|why| format!("{source}: {why:?}"))?;
    }
    Ok(())
}

fn client() -> Client {
    Client::new(cpython_config())
}

fn documented_example() -> Result<(), Failed> {
    let reply = client().run(EXAMPLE.as_bytes());
    same(reply.text, ANSWER)?;
    same(client().run(b"x = 1").text, "Script executed successfully")
}

fn language() -> Result<(), Failed> {
    all(
        &client(),
        &[
            ("result = 1 + 1", "2"),
            (
                "import json\njson.dumps = json.loads = None\nresult = 5",
                "5",
            ),
            (
                "import json\njson.dumps = lambda x: 'X'\nresult = json.dumps(1)",
                "X",
            ),
            (
                "def f(n):\n  return n * g(n)\ndef g(n):\n  return k\nk = 3\nresult = [f(i) for i in (1, 2)]",
                "[3, 6]",
            ),
            (
                "class A:\n  x = 1\nclass B(A):\n  def __init__(self): self.y = 2\nb = B()\nresult = b.x + b.y",
                "3",
            ),
            (
                "def g():\n  yield 1\n  yield 2\nx = list(g())\ndel g\nresult = x, 'g' in globals()",
                "([1, 2], False)",
            ),
            (
                "result = [len('\u{e9}\u{434}'.encode(e, 'replace')) for e in ('cp1251', 'koi8-r', 'iso8859-15', 'gbk', 'shift_jis', 'utf-7', 'cp850')]",
                "[2, 2, 2, 4, 3, 8, 2]",
            ),
            ("result = getattr(app, '\\ud800', 'missing')", "missing"),
            ("result = 'n\u{e4}he \\N{BULLET}'", "n\u{e4}he \u{2022}"),
            ("result = {1: 'a' % ()} | {2: 1j}", "{1: 'a', 2: 1j}"),
            ("if __name__ == '__main__':\n  result = 'main'", "main"),
            (
                "from datetime import datetime\nresult = datetime.strptime('2024-05-06', '%Y-%m-%d').year",
                "2024",
            ),
            (
                "import json\nresult = json.dumps({'a': [1, None]})",
                "{\"a\": [1, null]}",
            ),
            ("raise ValueError('x', 1)", "!('x', 1)"),
            ("raise KeyError('x')", "!'x'"),
            ("import sys", "!Import of 'sys' is not allowed"),
            ("raise SystemExit('bye')", "!bye"),
            (
                "from collections import Counter\nresult = Counter('aab').most_common(1)",
                "[('a', 2)]",
            ),
            (
                "from datetime import datetime\nresult = datetime.now().astimezone().utcoffset()",
                "0:00:00",
            ),
            ("result =", "!invalid syntax (<string>, line 1)"),
            (
                "class E(Exception):\n  def __str__(self): return 1 / 0\nraise E()",
                "!E",
            ),
            (
                "print('\\ud800')",
                "!'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
            ),
            (
                "result = '\\ud800'",
                "!'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
            ),
        ],
    )
}

fn imports() -> Result<(), Failed> {
    let config =
        cpython_config().allow_imports(["xml.dom.minidom", "statistics", "no_such_module"]);
    all(
        &Client::new(config),
        &[
            ("import os", "!Import of 'os' is not allowed"),
            ("import os.path", "!Import of 'os.path' is not allowed"),
            ("from os import path", "!Import of 'os' is not allowed"),
            (
                "__import__('subprocess')",
                "!Import of 'subprocess' is not allowed",
            ),
            (
                "try:\n  import os\nexcept ImportError as e:\n  result = type(e), str(e)",
                "(<class 'ImportError'>, \"Import of 'os' is not allowed\")",
            ),
            (
                "from . import x",
                "!attempted relative import with no known parent package",
            ),
            ("import no_such_module", "!No module named 'no_such_module'"),
            (
                "import collections.abc as c\nresult = issubclass(list, c.Sized)",
                "True",
            ),
            ("from math import *\nresult = floor(2.5)", "2"),
            ("import statistics\nresult = statistics.mean([1, 3])", "2"),
            (
                "import xml.dom.minidom\nresult = xml.dom.minidom.parseString('<a b=\"1\"/>').documentElement.tagName",
                "a",
            ),
            ("import xml.sax", "!Import of 'xml.sax' is not allowed"),
        ],
    )
}

fn builtins() -> Result<(), Failed> {
    let client = client();
    for name in "open input breakpoint exit quit help eval exec compile".split(' ') {
        let source = format!("{name}('1')");
        let reply = client.run(source.as_bytes());
        same(
            reply.text,
            &format!("Error executing script: name '{name}' is not defined"),
        )?;
    }
    all(
        &client,
        &[(
            "result = sorted([len('ab'), max(1, 3), id(1) == id(1), callable(print), isinstance(1, int)])",
            "[True, True, True, 2, 3]",
        )],
    )
}

const ENGINE: &str = "e = app.state.lmcache_adapter.lmcache_engine\nm = e.metadata\n";

fn assignment() -> Result<(), Failed> {
    let client = client();
    for form in [
        "m.world_size = 5",
        "m.world_size = y = 5",
        "m.world_size: int = 5",
        "m.world_size += 1",
        "[m][0].world_size = 5",
        "(lambda: m)().world_size = 5",
        "for m.world_size in (1, 2): pass",
        "m.world_size, z = 1, 2",
        "setattr(m, 'world_size', 5)",
        "del m.world_size",
        "delattr(m, 'world_size')",
        "import contextlib\nwith contextlib.nullcontext() as m.world_size: pass",
    ] {
        let source = format!("{ENGINE}{form}");
        let reply = Client::run(&client, source.as_bytes());
        let expected = if form.contains("contextlib") {
            "Import of 'contextlib' is not allowed"
        } else {
            "'Metadata' object attribute 'world_size' is read-only"
        };
        same(reply.text, &format!("Error executing script: {expected}"))
            .map_err(|why| format!("{form}: {why:?}"))?;
    }
    let others = [
        (
            "type(m).world_size = 9",
            "!cannot set 'world_size' attribute of immutable type 'Metadata'",
        ),
        (
            "del type(m).__getattr__",
            "!cannot delete '__getattr__' attribute of immutable type 'Metadata'",
        ),
        (
            "object.__setattr__(m, 'world_size', 9)",
            "!'Metadata' object has no attribute 'world_size'",
        ),
        (
            "m.__dict__['world_size'] = 9",
            "!'Metadata' object has no attribute '__dict__'",
        ),
        (
            "result = m.world_size, e.metadata is m, e == m, {m: 1}[e.metadata]",
            "(2, True, False, 1)",
        ),
    ];
    for (form, expected) in others {
        all(&client, &[(&format!("{ENGINE}{form}"), expected)])?;
    }
    Ok(())
}

fn methods() -> Result<(), Failed> {
    let limits = ScriptLimits::default().with_max_wall_time(Duration::from_secs(60));
    let client = Client::new(cpython_config().limits(limits));
    for (expression, expected) in [
        ("e.lookup(tokens=[1, 2, 3])", "1"),
        ("e.lookup((1, 2))", "1"),
        (
            "e.lookup(5)",
            "!Engine.lookup() argument 'tokens' must be a list whose items all fit, not 5",
        ),
        (
            "e.lookup()",
            "!Engine.lookup() missing 1 required positional argument: 'tokens'",
        ),
        ("e.fail('x')", "!invalid digit found in string"),
        ("list(map(e.lookup, [[1, 2], [3, 4, 5, 6]]))", "[1, 2]"),
        ("e.wide(200_001)", "!the value has more than 200000 parts"),
        ("len(e.long(2 ** 20))", "1048576"),
        ("e.long(2 ** 24)", "!the value takes more than 16 MiB"),
        (
            "e.echo({'a': (1.5, b'x', None), 2: [True, e]})[2][1] is e",
            "True",
        ),
        (
            "e.echo([float('inf'), -0.0, 2 ** 127 - 1, -2 ** 127])",
            &format!("[inf, -0.0, {}, {}]", i128::MAX, i128::MIN),
        ),
        ("e.echo(2 ** 127) == str(2 ** 127)", "True"),
        ("e.echo({3, 3}), e.echo(range(2))", "([3], 'range(0, 2)')"),
        ("e.echo([[[7]]] * 2)", "[[[7]], [[7]]]"),
        (
            "e.config",
            "Config(chunk_size=64, local_cpu=True, max_local_cpu_size=5.0, \
             remote_url=None, extra_config={'save_only_first_rank': True, 'weights': [0.5, 1.5]})",
        ),
        ("e.config == e.config, e.config.chunk_size", "(True, 64)"),
        ("e.nope", "!'Engine' object has no attribute 'nope'"),
        (
            "hasattr(e, 'nope'), hasattr(e, 'config'), getattr(e, 'nope', 3)",
            "(False, True, 3)",
        ),
        ("e._secret", "!'Engine' object has no attribute '_secret'"),
        (
            "e.clear()",
            "!Engine.clear() changes the process, which `ScriptConfig::allow_changes` \
             must permit",
        ),
        (
            "[x.path for x in app.endpoints if x.path == '/run_script']",
            "['/run_script']",
        ),
    ] {
        let source = format!("{ENGINE}result = {expression}");
        all(&client, &[(&source, expected)])?;
    }
    Ok(())
}

fn environ() -> Result<(), Failed> {
    all(
        &Client::new(cpython_config().allow_import("os")),
        &[
            (
                "import os\nresult = os.environ['ADMIN_TEST_SECRET_TOKEN']",
                "******",
            ),
            (
                "import os\nresult = os.getenv('ADMIN_TEST_PLAIN'), os.getenv('NOT_SET', 'x')",
                "('shown', 'x')",
            ),
            ("import os.path\nresult = os.path.join('a', 'b')", "a/b"),
            (
                "import os\nos.listdir('/')",
                "![Errno 1] Operation not permitted: '/'",
            ),
        ],
    )
}

fn printed() -> Result<(), Failed> {
    let client = client();
    let source = b"print('working', 1)\nprint('\xc3\xa9', end='')\nresult = 'done'";
    same(client.run(source).text, "done")?;
    same(
        client.run_at("/run_script?output=true", source).text,
        "working 1\nédone",
    )?;
    same(
        client
            .run_at("/run_script?output=1", b"print('before')\n1 / 0")
            .text,
        "before\nError executing script: division by zero",
    )
}

/// Where no memory is left for a report either.
fn memory_used_up_in_small_parts() -> Result<(), Failed> {
    // Each allocation that fails takes time, and more on a machine that does other things too.
    let limits = ScriptLimits::default()
        .with_max_cpu_time(Duration::from_secs(60))
        .with_max_wall_time(Duration::from_secs(60));
    let client = Client::new(cpython_config().limits(limits));
    let scripts = [
        "x = []\nwhile True: x = [x]",
        "x = []\ntry:\n  while True: x.append([])\nexcept MemoryError: result = 1",
        "x, i = {}, 0\nwhile True:\n  i += 1\n  x[i] = str(i)",
        "def f():\n  x = []\n  while True: x.append([])\nf()",
    ];
    let exceeded = "!memory limit of 64 MiB exceeded";
    all(&client, &scripts.map(|script| (script, exceeded)))
}

fn limits() -> Result<(), Failed> {
    let limits = ScriptLimits::default()
        .with_max_cpu_time(Duration::from_millis(300))
        .with_max_result_bytes(1000)
        .with_max_output_bytes(1000)
        .with_max_lookups(100);
    all(
        &Client::new(cpython_config().limits(limits)),
        &[
            ("while True: pass", "!CPU time limit of 0.3 s exceeded"),
            (
                "try:\n  while True: pass\nexcept BaseException: result = 1",
                "!CPU time limit of 0.3 s exceeded",
            ),
            ("9 ** 9 ** 9", "!CPU time limit of 0.3 s exceeded"),
            ("x = 'x' * 10 ** 9", "!memory limit of 64 MiB exceeded"),
            (
                "result = 'x' * 1001",
                "!result limit of 1000 bytes exceeded",
            ),
            (
                "raise ValueError('x' * 1001)",
                "!result limit of 1000 bytes exceeded",
            ),
            (
                "try:\n  while True: print('x')\nexcept BaseException: result = 1",
                "!printed output limit of 1000 bytes exceeded",
            ),
            (
                "try:\n  while True: app.state\nexcept BaseException: result = 1",
                "!lookup limit of 100 lookups exceeded",
            ),
            (
                "def f(): return f()\nf()",
                "!maximum recursion depth exceeded",
            ),
        ],
    )
}

fn described() -> Result<(), Failed> {
    let client = client();
    let sandbox: serde_json::Value = serde_json::from_str(&client.get("/run_script/sandbox").text)?;
    let engine = format!("CPython {}", python().display());
    same(sandbox["engine"].as_str().unwrap_or_default(), &engine)?;
    same(sandbox["imports"][0].to_string(), "\"json\"")?;
    for layer in [
        "seccomp",
        "landlock",
        "namespaces",
        "pid_namespace",
        "mount_namespace",
    ] {
        same(sandbox["isolation"][layer].to_string(), "\"on\"")?;
    }
    same(client.run(b"result = 1").text, "1")?;
    let state = client.status()?["interpreter"].to_string();
    if state.starts_with("\"CPython 3.") && state.ends_with(" runs\"") {
        Ok(())
    } else {
        Err(state.into())
    }
}

/// Each script has a process of its own.
fn share_nothing() -> Result<(), Failed> {
    let config = ScriptConfig::default().engine(Engine::cpython(python()));
    let client = Client::new(config.allow_imports(["json", "math", "random"]));
    all(
        &client,
        &[
            (
                "import math\nmath.pi = 3\nimport json\njson.left = 1",
                "Script executed successfully",
            ),
            (
                "import math, json\nresult = math.pi > 3, hasattr(json, 'left')",
                "(True, False)",
            ),
        ],
    )?;
    let random = b"import random\nresult = random.random()";
    let (one, other) = (client.run(random).text, client.run(random).text);
    if one == other {
        return Err("two scripts have the same random numbers".into());
    }
    Ok(())
}
