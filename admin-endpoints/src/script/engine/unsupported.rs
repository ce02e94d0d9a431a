//! What the engine does not do as CPython does, and therefore refuses.

/// `str(e)` of a refusal.
pub(super) fn message(what: &str, line: Option<usize>) -> String {
    let text = format!("the embedded engine does not support {what}; use the CPython engine");
    match line {
        Some(line) => format!("{text} (line {line})"),
        None => text,
    }
}

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
pub(super) const METHODS: [&str; 2] = ["casefold", "timetuple"];

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
        "accumulate chain combinations count cycle groupby islice permutations product repeat takewhile dropwhile zip_longest starmap",
    ),
    ("json", "dumps JSONDecodeError"),
    (
        "math",
        "acos acosh asin asinh atan atan2 atanh ceil comb copysign cos cosh degrees e exp expm1 fabs factorial floor fmod frexp gcd inf isclose isfinite isinf isnan isqrt lcm ldexp log1p modf nan perm pi pow radians sin sinh  tan tanh tau trunc",
    ),
    ("os", "environ getenv"),
    ("pathlib", "Path"),
    (
        "re",
        "A ASCII DOTALL I IGNORECASE M MULTILINE Match Pattern S escape error",
    ),
    ("sys", "version_info byteorder"), // the others name the interpreter
    (
        "typing",
        "Any Callable Dict FrozenSet Iterable Iterator List Mapping Optional Sequence Set Tuple Union",
    ),
    ("unicodedata", "name normalize category"),
];

pub(super) fn is_module(module: &str) -> bool {
    MEMBERS.iter().any(|(name, _)| *name == module)
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

/// What is refused before or while a script runs, and why. `GET /run_script/sandbox` lists the first
/// column, and a test runs an example of each.
pub(crate) const REFUSED: [(&str, &str); 30] = [
    ("yield", "the engine has no generators"),
    ("await", "the engine has no event loop"),
    ("class inheritance", "the engine has no base classes"),
    ("match statements", "the engine has none"),
    ("type statements", "the engine has none"),
    ("template strings", "the engine has none"),
    ("exception groups", "the engine has none"),
    ("complex numbers", "the engine has none"),
    ("del of a name", "the engine cannot unbind a name"),
    (
        "del of an attribute",
        "the engine cannot remove an attribute",
    ),
    ("the special method", "the engine would ignore most of them"),
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
    ("the attribute __dict__", "the engine has no such attribute"),
    (
        "the name __name__",
        "its value differs between a file and the original route",
    ),
    ("the built-in", "the engine lacks it"),
    ("the method", "the engine lacks it, or has another answer"),
    ("the module", "the engine lacks it"),
    ("from ... import *", "the engine has none"),
    (
        "loop and with targets other than names",
        "a live object could be changed without an error",
    ),
    (
        "comparing values that may contain nan",
        "the engine compares them by another rule",
    ),
    (
        "exceptions with other arguments than one str",
        "the engine keeps a text only",
    ),
    (
        "generator expressions that make functions or generators",
        "they would keep other variables",
    ),
    (
        "the order of a set of numbers",
        "it depends on the history of CPython's table",
    ),
    (
        "pop of a set",
        "it depends on the history of CPython's table",
    ),
    (
        "hasattr of built-in values",
        "the engine has other attributes",
    ),
    ("the texts of errors in JSON", "the engine has other texts"),
];

/// The first column of [`REFUSED`].
pub(crate) fn refused() -> Vec<&'static str> {
    REFUSED.iter().map(|(what, _)| *what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::engine::{LookupHost, Monty, NoObjects, ScriptEngine};
    use crate::script::limits::ScriptLimits;
    use crate::script::wire::{ScriptEnd, StartMessage};

    const EXAMPLES: [&str; 30] = [
        "def f():\n  yield 1",
        "async def f():\n  await g()",
        "class A(Exception): pass",
        "match 1:\n  case 1: pass",
        "type X = int",
        "x = t'a'",
        "try: pass\nexcept* ValueError: pass",
        "x = 1j",
        "x = 1\ndel x",
        "class A: pass\na = A()\na.x = 1\ndel a.x",
        "class A:\n  def __bool__(self): return False",
        "class A:\n  @staticmethod\n  def f(): pass",
        "class A:\n  __slots__ = ()",
        "class A:\n  def f(self): return self.__x",
        "class A:\n  x = [1 for _ in 'a']",
        "class A:\n  if 1: x = 1",
        "x = ().__dict__",
        "result = __name__",
        "result = vars()",
        "result = 'a'.casefold()",
        "import sys\nimport enum",
        "from math import *",
        "for a.x in [1]: pass",
        "n = float('nan')\nresult = [n] == [n]",
        "e = ValueError(1, 2)\nresult = repr(e)",
        "f = list((lambda: i) for i in 'ab')",
        "result = list({100, 5})",
        "result = {1, 2}.pop()",
        "result = hasattr([], 'append')",
        "import json\ntry: json.loads('{')\nexcept: result = 1",
    ];

    #[test]
    fn each_refusal_names_its_part() {
        for ((what, _), source) in REFUSED.iter().zip(EXAMPLES) {
            let start = StartMessage {
                source: source.to_owned(),
                imports: ["json", "math", "enum", "sys"].map(str::to_owned).to_vec(),
                limits: ScriptLimits::default(),
            };
            let host: &mut dyn LookupHost = &mut NoObjects;
            let end = Monty.run(&start, host).unwrap().end;
            let ScriptEnd::Raised(message) = &end else {
                panic!("{source}: {end:?}");
            };
            let begin = format!("the embedded engine does not support {what}");
            assert!(message.starts_with(&begin), "{source}: {message}");
        }
    }

    #[test]
    fn documentation_lists_each_refusal() {
        let table = include_str!("embedded_engine.md");
        for (what, why) in REFUSED {
            let row = format!("| {what} | {why} |");
            assert!(table.contains(&row), "{row}");
        }
        assert_eq!(table.matches("\n| ").count(), REFUSED.len() + 1);
    }
}
