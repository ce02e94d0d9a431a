//! Each row of the table that compares the CPython engine with `python3`, as a script. The rows of the
//! embedded engine have their examples beside the list of what it refuses.

use std::time::Duration;

use admin_endpoints::script::ScriptLimits;
use admin_tests::Case;
use libtest_mimic::Failed;

use crate::server::client::{Client, cpython_config};

const DOCUMENTATION: &str = include_str!("../../admin-endpoints/src/script/mod.rs");

const MISSING: &str = "Operation not permitted";

/// A script, the status of its reply, and a part of its text.
type Example = (&'static str, u16, &'static str);

/// How a row begins, and its scripts.
const ROWS: [(&str, &[Example]); 8] = [
    (
        "`open`, `input`, `breakpoint`,",
        &[
            ("open('/x')", 500, "name 'open' is not defined"),
            ("input()", 500, "name 'input' is not defined"),
            ("breakpoint()", 500, "name 'breakpoint' is not defined"),
            ("exit()", 500, "name 'exit' is not defined"),
            ("quit()", 500, "name 'quit' is not defined"),
            ("help()", 500, "name 'help' is not defined"),
            ("eval('1')", 500, "name 'eval' is not defined"),
            ("exec('1')", 500, "name 'exec' is not defined"),
            (
                "compile('1', '', 'eval')",
                500,
                "name 'compile' is not defined",
            ),
        ],
    ),
    (
        "`Import of 'os' is not allowed`",
        &[
            ("import urllib", 500, "Import of 'urllib' is not allowed"),
            (
                "import random\nresult = random.Random(1).random() > 0",
                200,
                "True",
            ),
        ],
    ),
    (
        "`No module named`",
        &[("import xml.dom.pulldom", 500, "No module named 'xml.dom'")],
    ),
    (
        "files, sockets, processes, threads and signals fail",
        &[
            ("import io\nio.open('/etc/passwd')", 500, MISSING),
            ("import os\nos.listdir('/')", 500, MISSING),
            ("import socket\nsocket.socket()", 500, MISSING),
            ("import os\nos.fork()", 500, MISSING),
            ("import os\nos.execv('/bin/sh', ['sh'])", 500, MISSING),
            ("import os\nos.kill(os.getppid() or 2, 9)", 500, MISSING),
            (
                "import threading\nthreading.Thread(target=print).start()",
                500,
                "can't start new thread",
            ),
            (
                "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
                500,
                MISSING,
            ),
        ],
    ),
    (
        "`os.environ` has the masked variables",
        &[
            (
                "import os\nresult = os.environ['ADMIN_TEST_PLAIN']",
                200,
                "shown",
            ),
            (
                "import os\nresult = 's3cret-canary' in str(os.environ)",
                200,
                "False",
            ),
        ],
    ),
    (
        "local time is UTC",
        &[
            (
                "import time\nresult = time.localtime(0)[:6], time.timezone",
                200,
                "((1970, 1, 1, 0, 0, 0), 0)",
            ),
            (
                "import zoneinfo\nzoneinfo.ZoneInfo('Europe/Berlin')",
                500,
                "No time zone found with key Europe/Berlin",
            ),
        ],
    ),
    (
        "recursion ends at",
        &[
            (
                "def f(n): return f(n + 1)\nf(0)",
                500,
                "maximum recursion depth exceeded",
            ),
            ("import sys\nresult = sys.getrecursionlimit()", 200, "77"),
        ],
    ),
    (
        "printed text is lost",
        &[
            ("print('said')\nresult = 1", 200, "said"),
            (
                "print('said')\nsum(range(10 ** 12))",
                500,
                "Error executing script: ",
            ),
        ],
    ),
];

pub(crate) fn cases() -> Vec<Case> {
    vec![Case::new("each_row_about_cpython_is_true", rows_are_true)]
}

fn documented_rows() -> Vec<&'static str> {
    let (_, section) = DOCUMENTATION
        .split_once("//! # CPython\n")
        .expect("the section");
    let (section, _) = section.split_once("//! # ").expect("the next one");
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "));
    rows.filter(|row| !row.starts_with("| why")).collect()
}

fn rows_are_true() -> Result<(), Failed> {
    let documented = documented_rows();
    if documented.len() != ROWS.len() {
        return Err(format!("{} rows: {documented:?}", documented.len()).into());
    }
    let limits = ScriptLimits::default()
        .with_max_recursion_depth(77)
        .with_max_cpu_time(Duration::from_secs(1));
    let modules = [
        "io",
        "os",
        "random",
        "signal",
        "socket",
        "sys",
        "threading",
        "time",
        "xml",
        "zoneinfo",
    ];
    let client = Client::new(cpython_config().allow_imports(modules).limits(limits));
    for (row, (begin, scripts)) in documented.iter().zip(ROWS) {
        if !row.starts_with(begin) {
            return Err(format!("{row:?} has another place or no script").into());
        }
        for (source, status, part) in scripts {
            let reply = client.run_at("/run_script?output=true", source.as_bytes());
            let is_lost =
                !begin.starts_with("printed") || *status == 200 || !reply.text.contains("said");
            if reply.status != *status || !reply.text.contains(part) || !is_lost {
                return Err(format!("{begin}\n{source}\n{reply:?}").into());
            }
        }
    }
    Ok(())
}
