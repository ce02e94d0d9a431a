//! Everything that is refused before or while a script runs, and why.

use super::unsupported::QUESTION_IN_BUILT_IN;

/// What is refused before or while a script runs, and why: how the text begins. `GET
/// /run_script/sandbox` lists the first column. Tests run an example of each, and look for each text
/// of the code here.
const REFUSALS: [(&str, &str); 123] = [
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
        "assignment to a member of a module",
        "the engine's modules cannot be changed",
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
mod tests;
