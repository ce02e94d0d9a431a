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
