//! No text that a script can read, and no error, names the interpreter or its parser.

use super::super::*;
use crate::script::engine::NoObjects;
use crate::script::engine::unsupported;

/// Every third combination is run; the other ones differ in the object or the operation only.
const STEP: usize = 3;

const OBJECTS: [&str; 66] = [
    "app",
    "app.state",
    "print",
    "len",
    "type",
    "range",
    "open",
    "__import__",
    "object",
    "Exception",
    "KeyError",
    "StopIteration",
    "BaseException()",
    "ValueError('a')",
    "ValueError(1, 2)",
    "UnicodeDecodeError",
    "None",
    "True",
    "1",
    "10 ** 30",
    "1.5",
    "'a'",
    "b'a'",
    "b'\\xff'",
    "[]",
    "[1]",
    "()",
    "{}",
    "{'a': 1}",
    "set()",
    "{1}",
    "frozenset()",
    "range(3)",
    "slice(1)",
    "iter([])",
    "iter('a')",
    "zip()",
    "map(len, [])",
    "filter(None, [])",
    "enumerate([])",
    "reversed([])",
    "(x for x in [])",
    "(lambda x: x)",
    "{}.keys()",
    "{}.items()",
    "[].append",
    "'a'.upper",
    "str.upper",
    "...",
    "NotImplemented",
    "f",
    "C",
    "C()",
    "C().m",
    "C.m",
    "T",
    "T(1)",
    "T(1).a",
    "re.compile('a')",
    "re.match('a', 'a')",
    "collections.deque()",
    "collections.Counter()",
    "datetime.date(2024, 1, 2)",
    "datetime.timezone.utc",
    "math",
    "sys",
];

const OPERATIONS: [&str; 52] = [
    "X",
    "str(X)",
    "repr(X)",
    "f'{X}'",
    "f'{X!r:>30}'",
    "f'{X:q}'",
    "'%s %r' % (X, X)",
    "'%d' % (X,)",
    "'{}'.format(X)",
    "'{0.nope}'.format(X)",
    "type(X)",
    "str(type(X))",
    "type(type(X))",
    "X.__name__",
    "X.__doc__",
    "X.__module__",
    "X.__class__",
    "X.__dict__",
    "X.__qualname__",
    "X.version",
    "X.platform",
    "X.nope",
    "X.nope()",
    "X()",
    "X(1)",
    "X(1, 2, 3, 4, 5)",
    "X(nope=1)",
    "X(*1)",
    "X(**1)",
    "X[0]",
    "X['a']",
    "X[1:2]",
    "X + 1",
    "1 - X",
    "X * X",
    "X @ X",
    "X < 1",
    "1 in X",
    "-X",
    "len(X)",
    "int(X)",
    "float(X)",
    "hash(X)",
    "sorted(X)",
    "sum(X)",
    "next(X)",
    "list(X)",
    "dict(X)",
    "getattr(X, 'platform')",
    "isinstance(1, X)",
    "json.dumps(X)",
    "X.decode('ascii', 'surrogateescape')",
];

const STATEMENTS: [&str; 8] = [
    "raise X",
    "raise X(1, 2)",
    "raise X from X",
    "with X: pass",
    "a, b = X",
    "X.nope = 1",
    "for a in X: a()",
    "assert not X, X",
];

/// How a script may show what went wrong.
const SHOWN: [&str; 3] = ["str(e).upper()", "repr(e)", "(type(e).__name__, e.args)"];

const BEGIN: &str = "import collections, datetime, json, math, re, sys\n\
    T = collections.namedtuple('T', 'a')\n\
    class C:\n  def m(self): return 1\n\
    def f(a): return a\n";

/// A program of which the test leaves out or repeats each part.
const PROGRAM: &str = "import re , json\n@ f\ndef f ( a , * b , c = 1 , ** d ) -> int :\n  global x\n  \
    try :\n    return [ i for i in a if i ]\n  except ( KeyError , ValueError ) as e :\n    raise e from None\n  \
    finally :\n    pass\nclass A ( object ) :\n  x : int = 1\nwhile x := f ( 1 ) :\n  break\nelse :\n  y = { 1 : 2 , ** z }\n\
    with a as b , c :\n  del b [ 0 ]\nfor i in lambda q : q [ 1 : 2 ] :\n  x += f'{ i !r:>{w} }' if i else 0x1g\n";

fn shown(source: &str) -> String {
    let start = StartMessage {
        source: source.to_owned(),
        imports: MODULES.map(str::to_owned).to_vec(),
        limits: ScriptLimits::default().with_max_cpu_time(Duration::from_secs(2)),
    };
    let report = Monty.run(&start, &mut NoObjects).unwrap();
    format!("{:?} {}", report.end, report.printed)
}

fn names_the_engine(text: &str) -> bool {
    let text = text.to_lowercase();
    ["monty", "ruff", "pydantic", "__engine_"]
        .iter()
        .any(|name| text.contains(name))
}

#[track_caller]
fn none_names_the_engine(sources: impl Iterator<Item = String>) {
    let mut named = Vec::new();
    let mut count = 0;
    for source in sources {
        count += 1;
        let text = shown(&source);
        if names_the_engine(&text) && !text.contains("names that contain __engine_") {
            named.push(format!("{source}\n    {text}"));
        }
    }
    assert!(count > 200, "{count} sources");
    assert!(named.is_empty(), "{}", named.join("\n"));
}

#[test]
fn operations_on_objects_do_not_name_the_engine() {
    let operations = OPERATIONS
        .iter()
        .map(|operation| format!("result = {operation}"))
        .chain(STATEMENTS.map(str::to_owned));
    let operations: Vec<_> = operations.collect();
    let pairs = OBJECTS
        .iter()
        .flat_map(|object| operations.iter().map(move |operation| (object, operation)));
    none_names_the_engine(pairs.enumerate().step_by(STEP).map(|(at, (object, operation))| {
        let statement = operation.replace('X', object);
        match at % 2 {
            0 => format!("{BEGIN}{statement}\n"),
            _ => {
                let shown = SHOWN[at % SHOWN.len()];
                format!("{BEGIN}try:\n  {statement}\nexcept BaseException as e:\n  result = {shown}\n  print(e)\n")
            }
        }
    }));
}

#[test]
fn members_of_modules_do_not_name_the_engine() {
    let members = MODULES.into_iter().flat_map(|module| {
        let known = unsupported::members(module).collect::<Vec<_>>();
        let hidden = ["__name__", "__doc__", "__file__", "version", "platform", "nope"];
        known.into_iter().chain(hidden).flat_map(move |member| {
            [
                format!("import {module}\nresult = {module}.{member}"),
                format!("from {module} import {member} as x\nresult = repr(x), str(type(x))"),
                format!("import {module} as m\ntry:\n  m.{member}(1, 2, 3, 4, 5, 6)\nexcept Exception as e:\n  result = repr(e)"),
                format!("import {module}\nx = [{module}]\nresult = x[0].{member}"),
            ]
        })
    });
    none_names_the_engine(members);
}

#[test]
fn syntax_errors_do_not_name_the_engine() {
    let words: Vec<_> = PROGRAM.split_inclusive([' ', '\n']).collect();
    let others = [
        "yield", "await", "match", "type", "1j", "'", "\"\"\"", "\\", "(", "]", "?", "$", "async",
        "t'x'",
    ];
    let changed = (0..words.len()).flat_map(|at| {
        let with = |word: String| {
            let mut words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            words[at] = word;
            words.concat()
        };
        let other = others[at % others.len()];
        [
            with(String::new()),
            with(words[at].repeat(2)),
            with(format!("{other} ")),
        ]
    });
    none_names_the_engine(changed);
}
