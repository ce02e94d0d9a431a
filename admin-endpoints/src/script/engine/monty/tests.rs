mod naming;

use super::*;
use crate::script::engine::NoObjects;
use crate::script::wire::{LookupReply, WorkerMessage};

fn run(source: &str) -> ScriptEnd {
    let start = StartMessage {
        source: source.to_owned(),
        imports: vec!["re".to_owned(), "os".to_owned(), "sys".to_owned()],
        limits: ScriptLimits::default(),
    };
    Monty.run(&start, &mut NoObjects).unwrap().end
}

#[test]
fn gaps_are_filled_whatever_variables_are_named() {
    let source = "str = len = int = isinstance = 5\nd = {1: 2, 3: 4}\ndel d[1]\n\
                  result = '%s %d' % (d, 7)";
    assert_eq!(run(source), ScriptEnd::Finished(Some("{3: 4} 7".into())));
}

#[test]
fn attributes_are_set_on_own_objects_only() {
    let own = "class P:\n  pass\np = P()\np.x = 1\np.x += 2\nresult = p.x";
    assert_eq!(run(own), ScriptEnd::Finished(Some("3".into())));
    for source in ["app.state = 1", "a = app\na.state = 1", "app.x += 1"] {
        let ScriptEnd::Raised(message) = run(source) else {
            panic!("{source}")
        };
        assert!(message.starts_with("'App' object"), "{source}: {message}");
    }
}

#[test]
fn files_do_not_exist() {
    let ScriptEnd::Raised(message) = run("open('/etc/passwd')") else {
        panic!()
    };
    assert_eq!(message, "Permission denied: '/etc/passwd'");
}

#[test]
fn error_text_counts_as_result() {
    let end = run("raise ValueError('x' * 2_000_000)");
    assert_eq!(end, ScriptEnd::LimitExceeded(ExceededLimit::Result));
}

#[test]
fn texts_do_not_name_the_interpreter() {
    let sources = [
        "raise SystemExit(3)",
        "raise SystemExit",
        "import sys\nsys.exit(3)",
        "import sys\nsys.exit()",
        "raise ValueError(1)",
        "raise ValueError(1, 2)",
        "raise ValueError([1])",
        "raise KeyError(1)",
        "raise Exception(b'x')",
        "b'\\xff'.decode('utf-8', 'surrogateescape')",
        "b'\\xff'.decode('utf-8', 'surrogatepass')",
        "b'\\xed\\xa0\\x80'.decode('utf-8', 'surrogatepass')",
        "try:\n  b'\\xff'.decode('utf-8', 'surrogateescape')\nexcept Exception as e:\n  result = str(e)",
        "try:\n  raise SystemExit(3)\nexcept BaseException as e:\n  result = str(e)",
        "import sys\nresult = sys.version",
        "import sys\nresult = sys.platform",
        "import sys\nresult = [sys.version, sys.platform]",
        "from sys import version as v\nresult = v",
        "import sys\nprint(sys.version)",
        "import sys\nresult = getattr(sys, 'version')",
        "import sys\nresult = getattr(sys, 'ver' + 'sion')",
        "import sys\nx = sys\nresult = x.version",
        "import sys\nresult = repr(sys)",
        "import os\nresult = repr(os)",
        "result = repr(app)",
        "async def f(): pass\nresult = f()",
        "await f()",
        "yield 1",
        "def f():\n  yield 1\nresult = f()",
        "match 1:\n  case 1: pass",
        "del x[1:2]",
        "global x\nresult = 1j",
        "class A(B, metaclass=C): pass",
        "lambda: (yield)",
        "type X = int",
        "f'{1!z}'",
        "try:\n  pass\nexcept* ValueError:\n  pass",
        "import os\nos.system('x')",
        "import os\nos.getcwd()",
        "open('x', 'q')",
        "with open('x') as f: pass",
        "import re\nre.compile('(')",
        "'%z' % 1",
        "'{0.x}'.format(1)",
        "int('x' * 10)",
        "result = __name__, __file__",
        "result = __builtins__",
        "result = type(print)",
        "result = repr(print), repr(len), repr(type)",
    ];
    let shown = sources.map(|source| format!("{source}: {:?}", run(source)));
    let named = shown
        .iter()
        .filter(|shown| shown.to_lowercase().contains("monty"));
    assert_eq!(named.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// A host that counts what it is asked.
#[derive(Default)]
struct CountingHost(usize);

impl LookupHost for CountingHost {
    fn ask(&mut self, _: &WorkerMessage) -> io::Result<LookupReply> {
        self.0 += 1;
        Ok(LookupReply::Method)
    }
}

fn start(source: &str, limits: ScriptLimits) -> StartMessage {
    StartMessage {
        source: source.to_owned(),
        imports: vec!["datetime".to_owned()],
        limits,
    }
}

#[test]
fn script_that_runs_again_prints_once() {
    let source = "print('a')\nx = [True]\nresult = x[0] + 1";
    let start = start(source, ScriptLimits::default());
    let report = Monty.run(&start, &mut NoObjects).unwrap();
    assert_eq!(report.end, ScriptEnd::Finished(Some("2".into())));
    assert_eq!(report.printed, "a\n");
}

#[test]
fn live_objects_are_never_asked_again() {
    for error in [
        "raise TypeError(\"unsupported operand type(s) for +: 'bool' and 'str'\")",
        "[True][0] + 'a'",
        "x = []\nx += 5",
    ] {
        let start = start(&format!("app.state\n{error}"), ScriptLimits::default());
        let mut host = CountingHost::default();
        let end = Monty.run(&start, &mut host).unwrap().end;
        assert!(matches!(end, ScriptEnd::Raised(_)), "{error}: {end:?}");
        assert_eq!(host.0, 1, "{error}");
    }
}

#[test]
fn script_that_runs_again_has_one_time_limit() {
    let source = "import datetime\nbegan = datetime.datetime.now()\n\
                  while (datetime.datetime.now() - began).total_seconds() < 0.3: pass\n\
                  x = [True]\nresult = x[0] + 1";
    let limits = ScriptLimits::default().with_max_cpu_time(Duration::from_millis(400));
    let end = Monty
        .run(&start(source, limits), &mut NoObjects)
        .unwrap()
        .end;
    assert_eq!(end, ScriptEnd::LimitExceeded(ExceededLimit::Cpu));
}
