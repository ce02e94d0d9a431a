//! Exceptions that the engine raises for what it lacks, and that CPython would not raise.
//!
//! A script must not catch them: its `except` clause would run although nothing is wrong.

use monty_types::ExcType;

use super::wording;

/// Attributes of exceptions that depend on their arguments.
const EXCEPTION_ATTRIBUTES: [&str; 18] = [
    "args",
    "characters_written",
    "code",
    "colno",
    "doc",
    "encoding",
    "end",
    "errno",
    "filename",
    "lineno",
    "msg",
    "name",
    "obj",
    "object",
    "pos",
    "reason",
    "start",
    "strerror",
];

/// Called first in each `except` clause, with the exception and the line of the `try`.
pub(super) const CAUGHT: &str = "__engine_handles__";

/// What the types, operators and built-ins of CPython are; `tests/data/script/names.py` prints it.
const PYTHON_NAMES: &str = include_str!("python_names.txt");

/// Values of types without an order among all of them, which raise in CPython, too.
const PARTLY_ORDERED: [&str; 4] = ["datetime.datetime", "datetime.time", "datetime", "time"];

/// What the engine lacks if it raised this exception; `None` if CPython raises it, too.
pub(super) fn lacking_feature(kind: ExcType, text: &str, source: &str) -> Option<String> {
    if kind == ExcType::NotImplementedError {
        return wording::lacking_part(text);
    }
    if text.contains("monty") || text.contains("Monty") {
        return Some("exceptions with other arguments than one str".to_owned());
    }
    match kind {
        ExcType::SyntaxError => {
            wording::is_too_large(text).then(|| "functions of this size".to_owned())
        }
        ExcType::AttributeError => attribute(text, source),
        ExcType::NameError => name(text),
        ExcType::TypeError => operands(text)
            .or_else(|| order(text))
            .or_else(|| protocol(text, source))
            .or_else(|| arguments(text, source))
            .or_else(|| value(text, source)),
        ExcType::LookupError | ExcType::IndexError => lookup(text, source),
        ExcType::ValueError | ExcType::OverflowError | ExcType::RuntimeError => {
            number_or_text(text, source)
        }
        _ => None,
    }
}

/// Whether a text shows a class as the engine does: of a named tuple without its module, and the
/// classes of iterators and methods by other names.
pub(super) fn shows_other_class(text: &str) -> bool {
    let mut classes = text.split("<class '").skip(1);
    classes.any(|rest| {
        let name = rest.split("'>").next().unwrap_or_default();
        let is_known = name.contains('.') || row("type", name).is_some();
        !is_known || matches!(name, "function" | "builtin_function_or_method" | "iterator")
    })
}

/// The words of the line that begins with these two.
fn row(kind: &str, name: &str) -> Option<impl Iterator<Item = &'static str>> {
    PYTHON_NAMES.lines().find_map(|line| {
        let mut words = line.split(' ');
        (words.next() == Some(kind) && words.next() == Some(name)).then_some(words)
    })
}

fn has(kind: &str, member: &str) -> bool {
    row("type", kind).is_some_and(|mut members| members.any(|known| known == member))
}

/// The parts of a text that are quoted.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('\'').skip(1).step_by(2)
}

/// `'list' object has no attribute 'x'`, `type object 'datetime.date' has no attribute 'max'`
fn attribute(text: &str, source: &str) -> Option<String> {
    let (owner, member) = text.split_once(" has no attribute '")?;
    let (member, rest) = member.split_once('\'')?;
    let kind = quoted(owner).next()?;
    let is_stored = rest.contains("no __dict__");
    let is_exception = kind.ends_with("Error") || kind.ends_with("Exception");
    if kind == "function" || is_stored && is_exception {
        return Some(format!("attributes of {}", plural(kind)));
    }
    if is_exception && EXCEPTION_ATTRIBUTES.contains(&member) {
        return Some(format!("the attribute {member} of {kind}"));
    }
    let is_record = source.contains("namedtuple") && row("type", kind).is_none();
    let is_special = member.starts_with("__") && member.ends_with("__");
    let is_known = is_special
        || has(kind, member)
        || is_record && (has("tuple", member) || member.starts_with('_'))
        || owner.starts_with("type object") && has("type", member);
    is_known.then(|| format!("the attribute {member} of {kind}"))
}

fn plural(kind: &str) -> &'static str {
    if kind == "function" {
        "functions"
    } else {
        "exceptions"
    }
}

/// `name 'x' is not defined`
fn name(text: &str) -> Option<String> {
    let name = text.strip_prefix("name '")?.split('\'').next()?;
    if name.starts_with("__engine_") {
        return Some("this operation".to_owned());
    }
    is_built_in(name).then(|| format!("the built-in {name}"))
}

/// Whether CPython has a built-in of this name.
pub(super) fn is_built_in(name: &str) -> bool {
    let mut names = PYTHON_NAMES
        .lines()
        .filter_map(|line| line.strip_prefix("builtins "));
    names.any(|names| names.split(' ').any(|known| known == name))
}

/// `unsupported operand type(s) for +: 'a' and 'b'`
fn operands(text: &str) -> Option<String> {
    let text = text.strip_prefix("unsupported operand type(s) for ")?;
    let (sign, kinds) = text.split_once(": ")?;
    let sign = sign.split(' ').next()?.trim_end_matches('=');
    let mut kinds = quoted(kinds);
    let (left, right) = (kinds.next()?, kinds.next()?);
    let is_difference = sign == "-" && left == right;
    if is_difference && PARTLY_ORDERED.contains(&left) {
        return None;
    }
    accepts("operator", sign, left, right)
        .then(|| format!("the operator {sign} of {left} and {right}"))
}

/// `'<' not supported between instances of 'a' and 'b'`
fn order(text: &str) -> Option<String> {
    let (sign, kinds) = text.split_once(" not supported between instances of ")?;
    let sign = sign.trim_matches('\'');
    let mut kinds = quoted(kinds);
    let (left, right) = (kinds.next()?, kinds.next()?);
    let is_wrong = PARTLY_ORDERED.contains(&left) && PARTLY_ORDERED.contains(&right);
    (!is_wrong && accepts("order", "<", left, right))
        .then(|| format!("the operator {sign} of {left} and {right}"))
}

fn accepts(kind: &str, sign: &str, left: &str, right: &str) -> bool {
    let Some(mut pairs) = row(kind, sign) else {
        return false;
    };
    pairs.any(|pair| {
        let known = pair.split_once(':').filter(|(known, _)| *known == left);
        known.is_some_and(|(_, others)| others.split(',').any(|other| other == right))
    })
}

/// `'list' object is not callable` and the like, where CPython's type has the method.
fn protocol(text: &str, source: &str) -> Option<String> {
    const PROTOCOLS: [(&str, &[&str], &str); 12] = [
        (
            " object is not iterable",
            &["__iter__", "__getitem__"],
            "iteration",
        ),
        (
            " is not iterable",
            &["__contains__", "__iter__"],
            "containment",
        ),
        (
            " is not a container or iterable",
            &["__contains__", "__iter__", "__getitem__"],
            "containment",
        ),
        (
            " object is not subscriptable",
            &["__getitem__", "__class_getitem__"],
            "subscripts",
        ),
        (" object is not callable", &["__call__"], "calls"),
        (
            " object is not reversible",
            &["__reversed__", "__getitem__"],
            "reversed",
        ),
        (" object is not an iterator", &["__next__"], "next"),
        (
            " object does not support item assignment",
            &["__setitem__"],
            "item assignment",
        ),
        (
            " object doesn't support item deletion",
            &["__delitem__"],
            "item deletion",
        ),
        (
            " object does not support item deletion",
            &["__delitem__"],
            "item deletion",
        ),
        ("' has no len()", &["__len__"], "len"),
        (
            "bad operand type for unary ",
            &["__neg__", "__pos__", "__invert__"],
            "this operator",
        ),
    ];
    let (_, methods, what) = PROTOCOLS
        .iter()
        .find(|(pattern, ..)| text.contains(pattern))?;
    let kind = quoted(text).next()?;
    if row("type", kind).is_none() {
        // A class of the script. The engine calls some of its methods only.
        let is_defined = methods.iter().any(|method| source.contains(method));
        return is_defined.then(|| format!("the operation {what} of {kind}"));
    }
    let has_method = match *what {
        "this operator" => unary(text, kind),
        _ => methods.iter().any(|method| has(kind, method)),
    };
    has_method.then(|| format!("the operation {what} of {kind}"))
}

/// `bad operand type for unary -: 'bool'`
fn unary(text: &str, kind: &str) -> bool {
    let method = match text
        .split("unary ")
        .nth(1)
        .and_then(|sign| sign.chars().next())
    {
        Some('-') => "__neg__",
        Some('+') => "__pos__",
        _ => "__invert__",
    };
    has(kind, method)
}

/// The number or the names of arguments, unless the function is one of the script: what the
/// engine's own functions accept is not known to be what CPython's accept.
fn arguments(text: &str, source: &str) -> Option<String> {
    let of_call = text.find("() ").map(|end| &text[..end]);
    let is_arity = [
        "() takes ",
        "() got ",
        "() missing ",
        " expected at most ",
        " expected at least ",
        "() expected ",
    ]
    .iter()
    .any(|words| text.contains(words));
    let is_invalid = text.contains(" is an invalid keyword argument for ");
    if !is_arity && !is_invalid {
        return None;
    }
    let called = of_call
        .or_else(|| text.split(" expected ").next().filter(|_| !is_invalid))
        .unwrap_or("a built-in function");
    let last = called.rsplit('.').next().unwrap_or(called);
    // Methods of live objects and of classes of the script.
    let is_method_of_other = called
        .rsplit_once('.')
        .is_some_and(|(kind, _)| row("type", kind).is_none());
    let is_own = last.starts_with('<')
        || is_method_of_other
        || source.contains(&format!("def {last}"))
        || source.contains(&format!(
            "class {}",
            called.split('.').next().unwrap_or(last)
        ));
    if is_own {
        return None;
    }
    Some(match called.strip_prefix("__engine_") {
        Some(_) => "these arguments of a function".to_owned(),
        None => format!("these arguments of {called}()"),
    })
}

fn value(text: &str, source: &str) -> Option<String> {
    if wording::is_bytes_of_numbers(text) {
        return Some("bytes of several numbers".to_owned());
    }
    Some(match text {
        "must be real number, not int" => "functions of math with large ints".to_owned(),
        "a bytes-like object is required" => "these arguments of methods of bytes".to_owned(),
        "float() argument must be a string or a real number, not 'int'"
        | "'int' object cannot be interpreted as an integer" => {
            "results beyond 64 bits of this function".to_owned()
        }
        "cannot create 'object' instances" => "object()".to_owned(),
        "isinstance() arg 2 must be a type, a tuple of types, or a union" => {
            "this class of isinstance".to_owned()
        }
        "'float' object cannot be interpreted as an integer" if source.contains("timedelta") => {
            "a timedelta of a float".to_owned()
        }
        _ => return None,
    })
}

fn lookup(text: &str, source: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix("unknown encoding: ") {
        return wording::is_encoding(name).then(|| format!("the encoding {name}"));
    }
    let reads_span = [".span(", ".start(", ".end("]
        .iter()
        .any(|method| source.contains(method));
    (text == "no such group" && reads_span).then(|| "the span of a named group".to_owned())
}

fn number_or_text(text: &str, source: &str) -> Option<String> {
    let is_number = text.starts_with("could not convert string to float: ")
        || text.starts_with("invalid literal for int() with base ");
    let what = if is_number && !text.is_ascii() {
        "numbers of other digits than 0 to 9"
    } else if text.starts_with("integer overflow in ") {
        "results beyond 64 bits of this function"
    } else if text.starts_with("pow() 2nd argument cannot be negative when 3rd") {
        "pow with a negative power and a modulus"
    } else if text.starts_with("Python int too large to convert to C") && source.contains("range") {
        "ranges beyond 64 bits"
    } else if text == "int too large to convert to float" && source.contains("math") {
        "functions of math with large ints"
    } else {
        return None;
    };
    Some(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lack_of_the_engine_is_named() {
        let cases = [
            (
                ExcType::AttributeError,
                "'range' object has no attribute 'start'",
                "the attribute start of range",
            ),
            (
                ExcType::AttributeError,
                "'function' object has no attribute 'x'",
                "attributes of functions",
            ),
            (
                ExcType::AttributeError,
                "type object 'datetime.date' has no attribute 'max'",
                "the attribute max of datetime.date",
            ),
            (
                ExcType::AttributeError,
                "'json.JSONDecodeError' object has no attribute 'pos'",
                "the attribute pos of json.JSONDecodeError",
            ),
            (
                ExcType::NameError,
                "name 'EOFError' is not defined",
                "the built-in EOFError",
            ),
            (
                ExcType::TypeError,
                "unsupported operand type(s) for /: 'datetime.timedelta' and 'datetime.timedelta'",
                "the operator / of datetime.timedelta and datetime.timedelta",
            ),
            (
                ExcType::TypeError,
                "set.union() takes exactly one argument (2 given)",
                "these arguments of set.union()",
            ),
            (
                ExcType::TypeError,
                "'deque' object doesn't support item deletion",
                "the operation item deletion of deque",
            ),
            (
                ExcType::LookupError,
                "unknown encoding: latin-1",
                "the encoding latin-1",
            ),
        ];
        for (kind, text, what) in cases {
            assert_eq!(
                lacking_feature(kind, text, "").as_deref(),
                Some(what),
                "{text}"
            );
        }
    }

    #[test]
    fn error_of_cpython_is_not_a_lack() {
        let cases = [
            (
                ExcType::AttributeError,
                "'NoneType' object has no attribute 'x'",
            ),
            (ExcType::AttributeError, "'P' object has no attribute 'x'"),
            (ExcType::NameError, "name 'x' is not defined"),
            (
                ExcType::TypeError,
                "unsupported operand type(s) for +: 'int' and 'str'",
            ),
            (
                ExcType::TypeError,
                "unsupported operand type(s) for -: 'datetime.datetime' and 'datetime.datetime'",
            ),
            (
                ExcType::TypeError,
                "'<' not supported between instances of 'str' and 'int'",
            ),
            (ExcType::TypeError, "'int' object is not iterable"),
            (
                ExcType::TypeError,
                "f() takes 1 positional argument but 2 were given",
            ),
            (
                ExcType::ValueError,
                "time data 'x' does not match format '%Y-%m-%d'",
            ),
            (
                ExcType::ValueError,
                "could not convert string to float: 'x'",
            ),
        ];
        for (kind, text) in cases {
            assert_eq!(
                lacking_feature(kind, text, "def f(x): pass"),
                None,
                "{text}"
            );
        }
    }
}
