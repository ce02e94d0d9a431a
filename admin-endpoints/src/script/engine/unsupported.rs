//! What the engine does not do as CPython does, and therefore refuses.

/// `str(e)` of a refusal.
pub(super) fn message(what: &str, line: Option<usize>) -> String {
    let text = format!("the embedded engine does not support {what}; use the CPython engine");
    match line {
        Some(line) => format!("{text} (line {line})"),
        None => text,
    }
}

/// What the engine cannot do while a function of its own calls one of the script.
pub(super) const QUESTION_IN_BUILT_IN: &str =
    "live objects, os.environ and clocks in functions that a built-in calls";

/// Built-ins of CPython that the engine lacks.
pub(super) const BUILTINS: [&str; 26] = [
    "BaseExceptionGroup",
    "BlockingIOError",
    "ConnectionError",
    "ExceptionGroup",
    "aiter",
    "anext",
    "breakpoint",
    "bytearray",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dir",
    "eval",
    "exec",
    "exit",
    "globals",
    "help",
    "input",
    "issubclass",
    "locals",
    "memoryview",
    "property",
    "quit",
    "staticmethod",
    "vars",
];

/// Methods of built-in types that the engine lacks or does in another way.
pub(super) const METHODS: [&str; 27] = [
    "add_note",
    "as_integer_ratio",
    "casefold",
    "colno",
    "conjugate",
    "ctime",
    "from_bytes",
    "from_iterable",
    "fromhex",
    "fromisocalendar",
    "fromordinal",
    "is_relative_to",
    "isocalendar",
    "isprintable",
    "lastgroup",
    "lastindex",
    "lineno",
    "maketrans",
    "relative_to",
    "timetuple",
    "timetz",
    "to_bytes",
    "translate",
    "tzname",
    "utcfromtimestamp",
    "utctimetuple",
    "with_traceback",
];

/// Modules, each with the members that were compared with CPython.
const MEMBERS: [(&str, &str); 15] = [
    (
        "base64",
        "b64decode b64encode b32decode b32encode b16decode b16encode urlsafe_b64decode urlsafe_b64encode",
    ),
    ("binascii", "hexlify unhexlify crc32"),
    ("collections", "Counter defaultdict deque namedtuple"),
    ("dataclasses", "dataclass"),
    ("datetime", "date datetime time timedelta timezone"),
    ("functools", "partial reduce"),
    (
        "itertools",
        "accumulate chain compress count cycle dropwhile filterfalse islice pairwise repeat starmap takewhile zip_longest",
    ),
    ("json", "dumps JSONDecodeError"),
    (
        "math",
        "acos asin atan atan2 atanh ceil comb copysign cos cosh degrees e exp expm1 fabs factorial floor fmod frexp gcd inf isclose isfinite isinf isnan isqrt lcm ldexp log1p modf nan perm pi pow radians sin sinh  tan tanh tau trunc",
    ),
    ("os", "environ getenv"),
    ("pathlib", "Path"),
    (
        "re",
        "A ASCII DOTALL I IGNORECASE M MULTILINE Match Pattern S escape error",
    ),
    ("sys", ""), // its members name the interpreter
    (
        "typing",
        "Any Callable Dict FrozenSet Iterable Iterator List Mapping Optional Sequence Set Tuple Union",
    ),
    ("unicodedata", "name normalize category"),
];

pub(super) fn is_module(module: &str) -> bool {
    MEMBERS.iter().any(|(name, _)| *name == module)
}

/// The members of a module that were compared.
#[cfg(test)]
pub(super) fn members(module: &str) -> impl Iterator<Item = &'static str> {
    let members = MEMBERS.iter().find(|(name, _)| *name == module);
    members
        .map_or("", |(_, members)| members)
        .split_whitespace()
}

pub(super) fn has_member(module: &str, member: &str) -> bool {
    MEMBERS
        .iter()
        .any(|(name, members)| *name == module && members.split(' ').any(|known| known == member))
}

/// Directives of `strftime` and `strptime` that the engine does as CPython does.
const TIME_DIRECTIVES: &str = "YmdHMSjaAbBpIy%";

/// The first directive of a format that is not one of these.
pub(super) fn time_directive(format: &str) -> Option<char> {
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter == '%' {
            let directive = letters.next()?;
            if !TIME_DIRECTIVES.contains(directive) {
                return Some(directive);
            }
        }
    }
    None
}

/// What is refused before or while a script runs, and why: how the text begins. `GET
/// /run_script/sandbox` lists the first column. Tests run an example of each, and look for each text
/// of the code here.
pub(crate) const REFUSALS: [(&str, &str); 122] = [
    ("yield", "the engine has no generators"),
    ("await", "the engine has no event loop"),
    ("async for", "the engine has no event loop"),
    ("async with", "the engine has no event loop"),
    ("async comprehensions", "the engine has no event loop"),
    ("class inheritance", "the engine has no base classes"),
    ("type with three arguments", "the engine has no such call"),
    ("match statements", "the engine has none"),
    ("type statements", "the engine has none"),
    ("template strings", "the engine has none"),
    ("exception groups", "the engine has none"),
    ("complex numbers", "the engine has none"),
    (
        "powers that are complex or nan",
        "the engine has no complex numbers",
    ),
    ("del of a name", "the engine cannot unbind a name"),
    (
        "del of an attribute",
        "the engine cannot remove an attribute",
    ),
    ("the special method", "the engine would ignore most of them"),
    ("the special name", "the engine would ignore it"),
    ("decorators of methods", "the engine has none"),
    ("__slots__", "the engine would ignore it"),
    ("private names", "the engine does not mangle them"),
    (
        "comprehensions in a class body",
        "the engine would see the names of the class",
    ),
    (
        "class bodies with other statements",
        "the engine has methods and variables only",
    ),
    (
        "the attribute",
        "the engine has few of the attributes with two underscores",
    ),
    (
        "attributes of functions",
        "the engine's functions have none",
    ),
    ("the text of a function", "the engine has another one"),
    (
        "this text of a float",
        "a float of the script would be shown in another way",
    ),
    (
        "the name",
        "its value differs between a file and LMCache's route",
    ),
    (
        "names that contain __engine_",
        "functions of the engine have such names",
    ),
    ("the built-in", "the engine lacks it"),
    ("the method", "the engine lacks it, or has another answer"),
    ("the module", "the engine lacks it"),
    (
        "the member",
        "the engine lacks it, or it was not compared with CPython",
    ),
    (
        "modules as values",
        "members that were not compared with CPython could be read",
    ),
    ("from ... import *", "the engine has none"),
    ("print to a file", "the engine has no streams"),
    (
        "functions of math with large ints",
        "the engine converts ints of 64 bits only",
    ),
    ("bytes of several numbers", "the engine has none"),
    ("the encoding", "the engine has those of Unicode and ASCII"),
    (
        "the argument cls, and computed forms of default, of json.dumps",
        "the engine has no such arguments",
    ),
    (
        QUESTION_IN_BUILT_IN,
        "the engine cannot wait for an answer there",
    ),
    (
        "nan of a live object",
        "the engine compares it by another rule",
    ),
    (
        "loop and with targets other than names",
        "a live object could be changed without an error",
    ),
    (
        "comparing values that may contain nan",
        "the engine compares them by another rule",
    ),
    (
        "keys that equal numbers of another type",
        "the engine replaces the key, CPython keeps the first",
    ),
    (
        "exceptions with other arguments than one str",
        "the engine keeps a text only",
    ),
    (
        "the texts of some errors",
        "the engine has other words, which a script would see",
    ),
    (
        "the texts of errors with this key",
        "the engine keeps the text of a key only",
    ),
    (
        "the texts of some errors in JSON",
        "the engine has another one for a byte order mark",
    ),
    (
        "the classes of errors in JSON",
        "the engine shows them with their module",
    ),
    (
        "NaN and Infinity in JSON",
        "the engine compares nan by another rule",
    ),
    (
        "the texts of errors in regular expressions",
        "the engine has other texts",
    ),
    (
        "this regular expression",
        "the engine reads it in another way",
    ),
    (
        "this replacement of a regular expression",
        "the engine reads it in another way",
    ),
    ("regular expressions of bytes", "the engine has none"),
    (
        "the text of a compiled regular expression",
        "the engine has another one",
    ),
    ("searching for all empty matches", "the engine finds others"),
    (
        "generator expressions that make functions or generators",
        "they would keep other variables",
    ),
    (
        "generator expressions with nested targets",
        "the engine's iterators have flat ones",
    ),
    (
        "assignment expressions in generator expressions",
        "their variable would be another one",
    ),
    (
        "the order of a set of numbers",
        "it depends on the history of CPython's table",
    ),
    (
        "the order of a frozenset",
        "it depends on the history of CPython's table",
    ),
    (
        "pop of a set",
        "it depends on the history of CPython's table",
    ),
    (
        "hash of other values than int and str",
        "the engine has other hashes",
    ),
    (
        "hasattr of built-in values",
        "the engine has other attributes",
    ),
    (
        "getattr of built-in values",
        "the engine has other attributes",
    ),
    (
        "format_map of other mappings than dict",
        "the engine has dict only",
    ),
    ("the time directive", "the engine has another text for it"),
    ("time zones with seconds", "the engine has minutes only"),
    ("*= of a deque", "the engine makes a new one"),
    (
        "divisions with results near zero",
        "the engine rounds twice",
    ),
    ("math.fsum of inf or nan", "the engine has none"),
    ("math.hypot of these numbers", "the engine rounds otherwise"),
    (
        "the arguments typed and maxsize=0 of lru_cache",
        "the engine has one kind of cache",
    ),
    ("formatting of bytes", "the engine has none"),
    (
        "format with nested fields",
        "the engine has a text for None and lists, which have none",
    ),
    (
        "except clauses that only define functions",
        "nothing can be checked before a definition",
    ),
    ("the operator", "the engine lacks it for these types"),
    ("the operation", "the engine lacks it for this type"),
    ("these arguments of", "the engine's function has others"),
    (
        "attributes of exceptions",
        "the engine's exceptions have no others",
    ),
    ("object()", "the engine has no plain objects"),
    ("this class of isinstance", "the engine has fewer classes"),
    ("a timedelta of a float", "the engine has ints only"),
    ("the span of a named group", "the engine has numbers only"),
    (
        "numbers of other digits than 0 to 9",
        "the engine reads ASCII only",
    ),
    (
        "this format of strptime",
        "its parts name one value twice, or it is not ASCII",
    ),
    (
        "results beyond 64 bits of this function",
        "the engine has ints of 64 bits there",
    ),
    (
        "pow with a negative power and a modulus",
        "the engine has none",
    ),
    (
        "ranges beyond 64 bits",
        "the engine has ints of 64 bits there",
    ),
    ("__import__ of", "the engine imports by statements only"),
    ("the text of a live object", "the engine has another one"),
    (
        "the text of a value that contains itself",
        "the engine shows one level more",
    ),
    (
        "the text of a deeply nested value",
        "the engine shows a part of it",
    ),
    (
        "finally clauses that end an exception",
        "nothing can check which exception it is",
    ),
    ("surrogates", "the engine has texts of valid Unicode only"),
    (
        "whitespace of U+001C to U+001F",
        "the engine has other whitespace",
    ),
    (
        "slices of ranges with a step",
        "the engine shows another end",
    ),
    (
        "identity of live objects",
        "each lookup makes another object",
    ),
    ("years before 1000", "the engine writes four digits"),
    ("remainders of inf and nan", "the engine has other results"),
    (
        "this test of letters",
        "the engine has other classes of letters",
    ),
    ("bounds of a search", "the engine has none"),
    (
        "the text of flags of regular expressions",
        "the engine shows a number",
    ),
    (
        "this regular expression on this text",
        "the engine has other classes of letters",
    ),
    ("the text of an object", "the engine has another one"),
    ("the text of this class", "the engine has another one"),
    ("this path", "the engine shows it in another way"),
    (
        "this text in base64",
        "the engine reads what is behind the padding, too",
    ),
    (
        "this text of fromisoformat",
        "the engine reads fewer forms of a date",
    ),
    (
        "this format of a date",
        "CPython takes it for one of strftime",
    ),
    ("the argument fold", "the engine loses it"),
    (
        "annotations with unknown names",
        "the engine does not evaluate them",
    ),
    (
        "the name of this class",
        "the engine has one name for several classes",
    ),
    (
        "characters newer than Unicode 14",
        "CPython 3.11 shows them as escapes",
    ),
    (
        "syntax of later versions of Python",
        "scripts are those of CPython 3.11",
    ),
    (
        "the error handler",
        "the engine has those for reading and replacing",
    ),
    ("the syntax of", "the engine's parser has none"),
    ("the option", "the engine's dataclasses have fewer"),
    ("this operation", "the engine lacks it"),
    ("functions of this size", "the engine's jumps have 16 bits"),
    (
        "os.environ as a value",
        "the engine has a new dict each time",
    ),
    ("named arguments behind **", "the engine puts them first"),
];

/// The first column of [`REFUSALS`].
pub(crate) fn refused() -> Vec<&'static str> {
    REFUSALS.iter().map(|(what, _)| *what).collect()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::script::engine::{LookupHost, MODULES, Monty, ScriptEngine};
    use crate::script::limits::ScriptLimits;
    use crate::script::wire::{LookupReply, ScriptEnd, SentValue, StartMessage, WorkerMessage};

    /// A script that is too long to be written here.
    const LARGE: &str = "LARGE";

    const EXAMPLES: [&str; 122] = [
        "def f():\n  yield 1",
        "async def f():\n  await g()",
        "async def f():\n  async for x in y: pass",
        "async def f():\n  async with x: pass",
        "async def f():\n  return [x async for x in y]",
        "class A(Exception): pass",
        "result = type('A', (), {})",
        "match 1:\n  case 1: pass",
        "type X = int",
        "x = t'a'",
        "try: pass\nexcept* ValueError: pass",
        "x = 1j",
        "result = (-8) ** 0.5",
        "x = 1\ndel x",
        "class A: pass\na = A()\na.x = 1\ndel a.x",
        "class A:\n  def __bool__(self): return False",
        "class A:\n  __match_args__ = ()",
        "class A:\n  @staticmethod\n  def f(): pass",
        "class A:\n  __slots__ = ()",
        "class A:\n  def f(self): return self.__x",
        "class A:\n  x = [1 for _ in 'a']",
        "class A:\n  if 1: x = 1",
        "x = ().__dict__",
        "def f(): pass\nresult = f.__name__",
        "import math\nresult = repr(math.gcd)",
        "result = '69746.13696289063'",
        "result = __name__",
        "__engine_x__ = 1",
        "result = vars()",
        "result = 'a'.casefold()",
        "import sys\nimport enum",
        "import math\nresult = math.dist",
        "import math\nm = math",
        "from math import *",
        "print(1, file=None)",
        "import math\nmath.sin(10 ** 30)",
        "bytes([1, 2])",
        "'a'.encode('latin-1')",
        "import json\njson.dumps(1, cls=str)",
        "result = list(map(lambda x: getattr(x, 'a', 0), [app]))",
        "result = [app.nan] == [app.nan]",
        "for a.x in [1]: pass",
        "n = float('nan')\nresult = [n] == [n]",
        "d = {}\nfor k in [1, True]: d[k] = 0",
        "e = ValueError(1, 2)\nresult = repr(e)",
        "try: (lambda x: x)()\nexcept TypeError as e: result = str(e)",
        "try: {}[1]\nexcept KeyError as e: result = str(e)",
        "import json\njson.loads('\\ufeff1')",
        "import json\ntry: json.loads('{')\nexcept ValueError as e: result = repr(e)",
        "import json\nresult = json.loads('[NaN]')",
        "import re\nre.compile('(')",
        "import re\nre.compile('[[a]')",
        "import re\nresult = re.sub('a', r'\\q', 'a')",
        "import re\nre.compile(b'a')",
        "import re\nresult = str(re.compile('a'))",
        "import re\nresult = re.findall('a*', 'ba')",
        "f = list((lambda: i) for i in 'ab')",
        "f = list(a for a, (b, c) in [])",
        "f = list((y := x) for x in 'ab')",
        "result = list({100, 5})",
        "result = [frozenset([2, 1])]",
        "result = {1, 2}.pop()",
        "result = hash(1.5)",
        "result = hasattr([], 'append')",
        "result = getattr([], 'append')",
        "result = 'a'.format_map([])",
        "import datetime\nresult = datetime.datetime(2024, 1, 1).strftime('%s')",
        "from datetime import datetime, timedelta, timezone\nz = timezone(timedelta(seconds=1))\nresult = datetime(2024, 1, 1, tzinfo=z).utcoffset()",
        "from collections import deque\nd = deque([1])\nd *= 2",
        "result = 10 ** 10 / 10 ** 330",
        "import math\nresult = math.fsum([math.inf])",
        "import math\nresult = math.hypot(1.5, 2)",
        "import functools\nf = functools.lru_cache(typed=True)",
        "result = b'%d' % 1",
        "result = '{:>{}}'.format(None, 5)",
        "try: pass\nexcept ValueError:\n  def f(): pass",
        "from datetime import timedelta\ntry: timedelta(1) / timedelta(1)\nexcept TypeError: result = 1",
        "from collections import deque\nd = deque([1])\ntry:\n  del d[0]\nexcept TypeError: result = 1",
        "try: {1}.update([2], [3])\nexcept TypeError: result = 1",
        "e = ValueError('a')\ntry: e.code = 5\nexcept AttributeError: result = 1",
        "try: object()\nexcept TypeError: result = 1",
        "try: result = isinstance(int, type)\nexcept TypeError: result = 1",
        "from datetime import timedelta\ntry: timedelta(hours=1.5)\nexcept TypeError: result = 1",
        "import re\nm = re.search('(?P<a>b)', 'b')\ntry: m.span('a')\nexcept IndexError: result = 1",
        "try: int('\u{ff11}')\nexcept ValueError: result = 1",
        "from datetime import datetime\nresult = datetime.strptime('2024 2024', '%Y %Y')",
        "import math\ntry: math.comb(100, 50)\nexcept OverflowError: result = 1",
        "try: pow(3, -1, 7)\nexcept ValueError: result = 1",
        "try: range(10 ** 20)[5]\nexcept OverflowError: result = 1",
        "m = __import__('math')",
        "print(app)",
        "x = [1]\nx.append(x)\nprint(x)",
        "x = []\nfor _ in range(600): x = [x]\nresult = str(x)",
        "def f():\n  try: x\n  finally: return 1",
        "result = '\\ud800'",
        "result = '\\x1ca'.strip()",
        "result = range(10)[::3]",
        "result = app.m is app.n",
        "from datetime import date\nresult = date(999, 1, 1).strftime('%Y')",
        "result = float('inf') // 1",
        "result = 'ǅ'.istitle()",
        "import re\nresult = re.compile('a').match('ba', 1)",
        "import re\nresult = str(re.I)",
        "import re\nresult = re.findall(r'\\w', '½')",
        "class A: pass\nresult = A()",
        "result = type(type)",
        "from pathlib import Path\nresult = Path('')",
        "import base64\nresult = base64.b64decode('aGk=/Pg==')",
        "from datetime import date\ntry: date.fromisoformat('20240102')\nexcept ValueError: pass",
        "from datetime import date\nx = date(2024, 3, 5)\nresult = f'{x:>30}'",
        "from datetime import datetime\nresult = datetime(2024, 1, 1, fold=1)",
        "def f(x: Undefined): pass",
        "result = type(print).__name__",
        "result = '\\U0001fae8'",
        "d = {'k': 1}\nresult = f\"{d[\"k\"]}\"",
        "b'\\xed\\xa0\\x80'.decode('utf-8', 'surrogatepass')",
        "class A:\n  x = (y := 1)",
        "from dataclasses import dataclass\n@dataclass(order=True)\nclass A:\n  x: int",
        "x = 1 @ 2",
        LARGE,
        "import os\nos.environ['A'] = 'b'",
        "def f(**k): return k\nresult = f(**{'x': 1}, y=2)",
    ];

    /// `app` has the attribute `nan`.
    struct NanHost;

    impl LookupHost for NanHost {
        fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply> {
            Ok(match question {
                WorkerMessage::Attribute { name, .. } if name == "nan" => {
                    LookupReply::Value(SentValue::Float(f64::NAN))
                }
                _ => LookupReply::Undefined,
            })
        }
    }

    #[test]
    fn each_refusal_names_its_part() {
        for ((what, _), source) in REFUSALS.iter().zip(EXAMPLES) {
            let source = match source {
                LARGE => format!("if 1:\n{}", "  x = 1\n".repeat(20_000)),
                source => source.to_owned(),
            };
            let start = StartMessage {
                source: source.clone(),
                imports: MODULES
                    .iter()
                    .map(|name| (*name).to_owned())
                    .chain(["enum".to_owned()])
                    .collect(),
                limits: ScriptLimits::default(),
            };
            let host: &mut dyn LookupHost = &mut NanHost;
            let end = Monty.run(&start, host).unwrap().end;
            let ScriptEnd::Raised(message) = &end else {
                panic!("{source}: {end:?}");
            };
            let begin = format!("the embedded engine does not support {what}");
            assert!(message.starts_with(&begin), "{source}: {message}");
        }
    }

    /// Where the code refuses, and what is behind the name of the function.
    const SOURCES: [&str; 23] = [
        include_str!("rewrite.rs"),
        include_str!("rewrite/refusals.rs"),
        include_str!("rewrite/refusals/annotations.rs"),
        include_str!("rewrite/refusals/calls.rs"),
        include_str!("rewrite/refusals/classes.rs"),
        include_str!("rewrite/refusals/comparisons.rs"),
        include_str!("rewrite/refusals/environ.rs"),
        include_str!("rewrite/refusals/expressions.rs"),
        include_str!("rewrite/refusals/identifiers.rs"),
        include_str!("rewrite/refusals/modules.rs"),
        include_str!("rewrite/refusals/statements.rs"),
        include_str!("rewrite/refusals/visitor.rs"),
        include_str!("wording.rs"),
        include_str!("polyfills/numbers.py"),
        include_str!("polyfills/assignments.py"),
        include_str!("polyfills/values.py"),
        include_str!("polyfills/modules.py"),
        include_str!("polyfills/sets.py"),
        include_str!("polyfills/dates.py"),
        include_str!("polyfills/error_texts.py"),
        include_str!("polyfills/tools.py"),
        include_str!("polyfills/texts.py"),
        include_str!("polyfills/math.py"),
    ];

    /// How a refusal is written, and the quotes of its text.
    const CALLS: [(&str, char); 6] = [
        ("Err(message(", '"'),
        ("self.refuse(", '"'),
        ("self.refuse_at(", '"'),
        ("search.refuse_at(", '"'),
        ("unsupported::message(", '"'),
        ("__engine_refuse__(", '\''),
    ];

    #[test]
    fn each_refusal_in_the_code_is_listed() {
        let mut found = 0;
        for (source, (call, quote)) in SOURCES
            .iter()
            .flat_map(|source| CALLS.iter().map(move |call| (source, *call)))
        {
            for (at, _) in source.match_indices(call) {
                let arguments = &source[at + call.len()..];
                let ends = [");", ")\n", "),\n"];
                let end = ends.iter().filter_map(|end| arguments.find(end)).min();
                let arguments = &arguments[..end.unwrap_or(arguments.len())];
                let text = arguments.split(quote).nth(1).unwrap_or_default();
                let text = text.split('{').next().unwrap_or_default();
                if !text.is_empty() {
                    found += 1;
                    let is_listed = REFUSALS.iter().any(|(what, _)| text.starts_with(what));
                    assert!(is_listed, "{text}");
                }
            }
        }
        assert!(found > 60, "{found} found");
    }

    /// Where features are named that the engine turned out to lack.
    const LACKS: [(&str, &str); 2] = [
        (include_str!("lacks.rs"), "pub(super) fn lacking_feature("),
        (include_str!("wording.rs"), "pub(super) fn lacking_part("),
    ];

    #[test]
    fn each_lack_in_the_code_is_listed() {
        let mut found = 0;
        for (source, begin) in LACKS {
            let (_, code) = source.split_once(begin).unwrap();
            let (code, _) = code.split_once("mod tests {").unwrap();
            let owned = code.split(".to_owned()").map(|before| {
                let mut parts = before.trim_end_matches('"').rsplit('"');
                parts.next().filter(|_| before.ends_with('"'))
            });
            let formatted = code.split("format!(\"").skip(1);
            let formatted = formatted.filter(|behind| !behind.starts_with(['d', 'c'])); // searched words
            let formatted = formatted.map(|behind| behind.split('{').next());
            for text in owned.chain(formatted).flatten() {
                found += 1;
                let mut known = REFUSALS.iter().map(|(what, _)| what);
                let is_listed = known.any(|what| text.starts_with(what) || what.starts_with(text));
                assert!(is_listed, "{text}");
            }
        }
        assert!(found > 20, "{found} found");
    }

    #[test]
    fn documentation_lists_each_refusal() {
        let table = include_str!("embedded_engine.md");
        for (what, why) in REFUSALS {
            let row = format!("| {what} | {why} |");
            assert!(table.contains(&row), "{row}");
        }
        assert_eq!(table.matches("\n| ").count(), REFUSALS.len() + 1);
    }
}
